package tools

import (
	"encoding/json"
	"slices"
	"testing"
)

func FuzzFlatMembersAreTheMembers(f *testing.F) {
	for _, text := range []string{
		`{}`, `{"server":12345}`, `{"server":"web-1","wait_seconds":50,"server":null}`, `{"a":true,"b":false,"":""}`,
		`{"a":01}`, `{"a":-1}`, `{"a":1.5}`, `{"a":1e3}`, `{"a":truee}`, `{"a":[1]}`, `{"a":{}}`, `{"a":"\u0041"}`, `{"a":"x}`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{"a":1}}`,
		`{,"a":1}`, `{"a" :1}`, ` {"a":1}`, `{"a":1} `, `{"a":1`, `[]`, `"a"`, `{`, ``, "{\"a\":\"\xff\"}", "{\"a\":\"\n\"}",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, object []byte) {
		members, ok := flatMembers(object)
		if !ok {
			return
		}
		if !json.Valid(object) {
			t.Fatalf("%q was taken for JSON", object)
		}
		var want []member
		if err := eachDecoded(object, func(name string, value json.RawMessage) error {
			want = append(want, member{name, value})
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if !slices.EqualFunc(members, want, func(a, b member) bool { return a.name == b.name && string(a.value) == string(b.value) }) {
			t.Errorf("%q is %q, not %q", object, members, want)
		}
	})
}

// What clients send must go the short way, or there were no use in it.
func TestUsualArgumentsAreFlat(t *testing.T) {
	for _, arguments := range []string{`{}`, `{"server":12345}`, `{"server":"web-1","backups_enabled":true,"cursor":null}`} {
		if _, ok := flatMembers([]byte(arguments)); !ok {
			t.Errorf("%s is not", arguments)
		}
	}
}
