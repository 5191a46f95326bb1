package gate_test

import (
	"strings"
	"testing"

	"vpsops/policy/gate"
	"vpsops/vpsapi"
)

// Exactness is wanted; what a phone's keyboard adds by itself can't be seen.
func TestWhoTypedANameAlmostIsToldWhatDiffers(t *testing.T) {
	for typed, differs := range map[string]string{
		"web-01 ": "; what was typed has a blank before or behind it", "\u00a0web-01": "; what was typed has a blank before or behind it",
		"Web-01": "; what was typed has capital or small letters of its own", "web–01": "; what was typed has another dash in it",
		"`web-01`": "; what was typed has quotes around it", "Web—01": "", "web-1": "", "": "", " ": "",
		" “Web−01” ": "; what was typed has a blank before or behind it and quotes around it and capital or small letters of its own and another dash in it",
	} {
		if got, want := gate.TypeNameText("web-01", typed), "type the server's name, web-01, exactly as it is written"+differs; got != want {
			t.Errorf("to %q it is said: %s\nwant %s", typed, got, want)
		}
	}
	if got := gate.TypeNameText("web–01", "web-01"); got != "type the server's name, web–01, exactly as it is written; what was typed has another dash in it" {
		t.Error(got)
	}
}

// Nobody can type what doesn't show, or shows otherwise: the id says as much.
func TestANameThatIsNotTypedAsItShowsIsStoodForByTheID(t *testing.T) {
	id := vpsapi.NumberID(12345)
	for name, want := range map[string]string{
		"web-01": "web-01", "Webserver 1": "Webserver 1", "läger–1": "läger–1", strings.Repeat("a", 80): strings.Repeat("a", 80),
		"web\u200b-01": "12345", "web  01": "12345", " web": "12345", "web\n01": "12345", "": "12345", strings.Repeat("a", 81): "12345", "web\u00a001": "12345",
	} {
		shown := gate.Shown{Server: &gate.Facts{ID: id, Name: name}}
		if got, isID := shown.TypedWord(); got != want || isID != (want == "12345") {
			t.Errorf("of %q it is %q, the id: %t; want %q", name, got, isID, want)
		}
		for typed, means := range map[string]bool{want: true, name: name != "", "": false, "12345": want == "12345", "12346": false, want + " ": false} {
			if shown.MeantBy(typed) != means {
				t.Errorf("%q means %q: %t", typed, name, !means)
			}
		}
	}
	if made := (gate.Shown{After: &gate.Facts{Name: "web  01"}}); !made.MeantBy("web  01") {
		t.Error("the name of a server that has no id yet doesn't mean it")
	} else if word, isID := made.TypedWord(); word != "web  01" || isID {
		t.Errorf("of a server that has no id yet it is %q, an id: %t", word, isID)
	}
}
