package ledger

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"vpsops/internal/seal"
)

// cleaned is a value with the texts in it cleaned one by one.
func cleaned(c *clerk, v any) any {
	switch v := v.(type) {
	case string:
		return c.clean(v, 0)
	case []any:
		for i := range v {
			v[i] = cleaned(c, v[i])
		}
	case map[string]any:
		clean := make(map[string]any, len(v))
		for name, member := range v {
			clean[c.clean(name, 0)] = cleaned(c, member)
		}
		return clean
	}
	return v
}

func decodedJSON(t *testing.T, text []byte) (v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return v
}

// FuzzCleanData: whatever JSON comes, what is kept of it says the same but for the
// secrets, holds none, and stays as it is when it is cleaned or exported again.
func FuzzCleanData(f *testing.F) {
	for _, seed := range []string{
		``, `null`, `0`, `"vps_live_4711"`, `[]`, `{}`, `[1,[2,{"a":[]}],{}]`, `{"b":1.50,"a":12345678901234567890,"c":1e3}`,
		`{"name":"\u001bearer aaaaaaaaaaaa"}`, `"\bearer abcdefghij"`, `"Bearer\tabcdefgh12345678"`, `"\u0076ps_live_4711"`,
		`{"vps_live_4711":"<&>\u2028"}`, `"\ud800"`, "\"\xff\"", ` { "a" : [ true , false , null ] } `, `[1`, `1 2`,
	} {
		f.Add([]byte(seed))
	}
	c := newClerk(seal.NewKey([32]byte{1}), 0, 0)
	f.Fuzz(func(t *testing.T, data []byte) {
		out, err := c.cleanData(data)
		if wrong := len(data) > maxData || len(data) > 0 && !json.Valid(data); wrong != (err != nil) {
			t.Fatalf("%q: %v", data, err)
		}
		if len(out) == 0 {
			return
		}
		if want, got := cleaned(c, decodedJSON(t, data)), decodedJSON(t, out); !reflect.DeepEqual(got, want) {
			t.Errorf("%q became %q", data, out)
		}
		if again, err := c.cleanData(out); len(out) <= maxData && (err != nil || !bytes.Equal(again, out)) {
			t.Errorf("%q became %q, and that %q, %v", data, out, again, err)
		}
		if exported, err := json.Marshal(out); err != nil || !bytes.Equal(exported, out) {
			t.Errorf("%q is exported as %q, %v", out, exported, err)
		}
	})
}
