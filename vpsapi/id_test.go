package vpsapi_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"vpsops/vpsapi"
)

func TestIDsKeepTheirTextAndType(t *testing.T) {
	for text, want := range map[string]string{
		"12345":                                `12345`,
		"0":                                    `0`,
		"98765432109876543210987654321":        `98765432109876543210987654321`,
		"007":                                  `"007"`,
		"6f9619ff-8b86-d011-b42d-00c04fc964ff": `"6f9619ff-8b86-d011-b42d-00c04fc964ff"`,
		"1e300000-8b86-d011-b42d-00c04fc964ff": `"1e300000-8b86-d011-b42d-00c04fc964ff"`,
		"srv_a.b:c~d":                          `"srv_a.b:c~d"`,
	} {
		id, err := vpsapi.ParseID(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		got, err := json.Marshal(id)
		if err != nil || string(got) != want || id.String() != text {
			t.Errorf("%q became %s, %q: %v", text, got, id, err)
		}
		var back vpsapi.ID
		if err := json.Unmarshal(got, &back); err != nil || back != id {
			t.Errorf("%s came back as %#v: %v", got, back, err)
		}
	}
}

var notIDs = []string{
	"", ".", "..", "../../account", "..%2f..", "1/2", `1\2`, "1?x=", "1#", "1%20", "1 ", " 1", "1;x", "1&x",
	"12345.9", "12345.0", "12345.", "1e3", "1E3", "1e999", "1e-3", "-1", "+1", "١٢٣", "１２３", "wéb", "a\x00", "a\nb", "\u202e12345", "12345\u200b",
	strings.Repeat("1", 65),
}

func TestWhatIsNoIDIsRefusedBeforeItIsSent(t *testing.T) {
	url := serve(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s was asked", r.URL) })
	reader := newReader(t, url)
	for _, text := range notIDs {
		id, err := vpsapi.ParseID(text)
		if _, ok := errors.AsType[*vpsapi.InvalidIDError](err); !ok || !id.IsZero() || !errors.Is(err, vpsapi.ErrInvalid) {
			t.Errorf("%q became %#v: %v", text, id, err)
		}
		if strings.ContainsAny(err.Error(), "\n\x00\u202e\u200b") {
			t.Errorf("the error of %q is not printable: %q", text, err)
		}
		quoted, _ := json.Marshal(text)
		if err := json.Unmarshal(quoted, new(vpsapi.ID)); err == nil {
			t.Errorf("%s was taken from JSON", quoted)
		}
	}
	for _, raw := range []string{"12345.9", "12345.0", "1e3", "-1", "true", "[1]", "{}"} {
		if err := json.Unmarshal([]byte(raw), new(vpsapi.ID)); err == nil {
			t.Errorf("%s was taken from JSON", raw)
		}
	}
	if _, err := reader.GetServer(t.Context(), vpsapi.ID{}); !errors.Is(err, vpsapi.ErrInvalid) {
		t.Errorf("the zero id: %v", err)
	}
	if !vpsapi.NumberID(-1).IsZero() {
		t.Error("a negative number became an id")
	}
}

func TestIDsCompareByText(t *testing.T) {
	text := vpsapi.ID{}
	if err := json.Unmarshal([]byte(`"12345"`), &text); err != nil {
		t.Fatal(err)
	}
	if text == number(12345) || !text.Equal(number(12345)) {
		t.Fatal("a text and a number of one id must be Equal and not ==")
	}
}

func FuzzParseID(f *testing.F) {
	for _, text := range append(notIDs, "12345", "007", "6f9619ff-8b86-d011-b42d-00c04fc964ff", "a:b", "0x10", "infinity", "1_000") {
		f.Add(text)
	}
	base, err := url.Parse("https://api.example.com/api/v1/servers/")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id, err := vpsapi.ParseID(text)
		if err != nil {
			return
		}
		raw, err := json.Marshal(id)
		if err != nil {
			t.Fatal(err)
		}
		var back vpsapi.ID
		if err := json.Unmarshal(raw, &back); err != nil || back != id || back.String() != text {
			t.Fatalf("%q came back from %s as %q: %v", text, raw, back, err)
		}
		joined, err := url.Parse(base.String() + url.PathEscape(id.String()) + "/")
		if err != nil || joined.Path != base.Path+text+"/" || joined.JoinPath().Path != joined.Path || joined.RawQuery != "" || joined.Fragment != "" {
			t.Fatalf("%q leads to %v: %v", text, joined, err)
		}
	})
}
