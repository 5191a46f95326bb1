package policy_test

import (
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/txtar"

	"vpsops/policy"
)

// FuzzLoad holds that any text either loads, and then says the same when it is
// written out, or gets faults that point into it; and that it ends soon.
func FuzzLoad(f *testing.F) {
	archive, err := txtar.ParseFile(brokenFiles)
	if err != nil {
		f.Fatal(err)
	}
	for i := 0; i < len(archive.Files); i += 2 {
		f.Add(archive.Files[i].Data)
	}
	for _, kind := range policy.Starters() {
		f.Add([]byte(policy.Starter(kind, "")))
	}
	contract, err := os.ReadFile("testdata/contract.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(contract)
	f.Fuzz(func(t *testing.T, text []byte) {
		began := time.Now()
		p, err := policy.Load("policy.yaml", text)
		if took := time.Since(began); took > 10*time.Second {
			t.Fatalf("it took %s", took)
		}
		var broken *policy.LoadError
		if errors.As(err, &broken) {
			checkFuzzed(t, text, broken)
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		again, err := policy.Load("policy.yaml", p.Document().Marshal())
		if err != nil {
			t.Fatalf("written out it is broken: %v\n%s", err, p.Document().Marshal())
		}
		if a, b := p.Document().Marshal(), again.Document().Marshal(); string(a) != string(b) {
			t.Fatalf("%s\nbecame\n%s", a, b)
		}
	})
}

func checkFuzzed(t *testing.T, text []byte, broken *policy.LoadError) {
	t.Helper()
	if len(broken.Faults) == 0 {
		t.Fatal("broken without a fault")
	}
	lines := strings.Count(string(text), "\n") + 1
	for _, f := range broken.Faults {
		if f.Line < 1 || f.Line > lines || f.Column < 1 {
			t.Fatalf("%s points out of the file", f)
		}
	}
	for _, c := range broken.Error() {
		if c < ' ' && c != '\n' || c == utf8.RuneError || c == '\u202e' || c == '\u200b' {
			t.Fatalf("the message %+q is not fit to be shown", broken.Error())
		}
	}
}

// inSet asks the policy itself whether a name is in a set of one glob.
func inSet(t *testing.T, glob, name string) bool {
	t.Helper()
	p, err := policy.New(policy.Document{
		People:     map[string]policy.Person{"ana": {Local: []string{"ana"}}},
		ServerSets: map[string][]policy.ServerMatch{"it": {{Name: []string{glob}}}},
		Grants:     []policy.Grant{{ID: "g", Who: []string{"ana"}, Actions: []policy.Action{policy.Get}, Servers: []string{"it"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	a := policy.Ask{Actor: localActor("ana", policy.MCP), Action: policy.Get, Server: &policy.Server{ID: "1", Name: name}}
	return p.Decide(a).Effect == policy.Allow
}

// plainName tells whether a name can be compared: one that is empty isn't
// known.
func plainName(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f })
}

// FuzzGlob holds globs to what a regular expression of the same meaning says.
func FuzzGlob(f *testing.F) {
	for _, pair := range [][2]string{{"prod-*", "prod-1"}, {"*a*b*", "xaxbx"}, {"db-?", "db-"}, {"**?", "x"}, {"[a]", "a"}, {"*", ""}, {"", ""}, {"PROD", "prod"}, {"a.b", "axb"}} {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, glob, name string) {
		if len(glob) > 64 || len(name) > 256 {
			return
		}
		expression := regexp.QuoteMeta(glob)
		expression = strings.ReplaceAll(strings.ReplaceAll(expression, `\*`, ".*"), `\?`, ".")
		want := false
		if (glob == "" || plainName(glob)) && plainName(name) {
			want = regexp.MustCompile(`(?i)\A(?:` + expression + `)\z`).MatchString(name)
		}
		if got := inSet(t, glob, name); got != want {
			t.Fatalf("%q matches %q: %t, want %t", glob, name, got, want)
		}
	})
}

// FuzzNormalForm holds that names that look or sound alike to software are one
// name only where they are one in plain ASCII but for the case.
func FuzzNormalForm(f *testing.F) {
	for _, pair := range [][2]string{{"prod-1", "PROD-1"}, {"prod", "рrod"}, {"k", "\u212a"}, {"s", "ſ"}, {"a", "a\u200b"}, {"é", "e\u0301"}, {"a b", "a b"}, {"ｐrod", "prod"}, {"a\x00", "a"}} {
		f.Add(pair[0], pair[1])
	}
	lower := func(s string) string {
		return strings.Map(func(r rune) rune {
			if 'A' <= r && r <= 'Z' {
				return r + 'a' - 'A'
			}
			return r
		}, s)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if strings.ContainsAny(a, "*?") {
			return
		}
		want := plainName(a) && plainName(b) && lower(a) == lower(b)
		if got := inSet(t, a, b); got != want {
			t.Fatalf("%+q is %+q: %t, want %t", a, b, got, want)
		}
	})
}
