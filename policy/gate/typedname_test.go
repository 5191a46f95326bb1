package gate_test

import (
	"testing"

	"vpsops/policy/gate"
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
