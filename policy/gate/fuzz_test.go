package gate_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"vpsops/internal/seal"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
)

// FuzzDialogState hands in what a hostile client may: only the state that the
// gate sealed opens, whatever is done to it.
func FuzzDialogState(f *testing.F) {
	pol, err := policy.Local("ana", "ana")
	if err != nil {
		f.Fatal(err)
	}
	g := gate.New(gate.Config{Ledger: ledger.NewMemory(), Policy: func() *policy.Policy { return pol }, Key: seal.NewKey([32]byte{1})})
	desk := g.Desk()
	op := power(policy.Reboot, web)
	view := gate.View{Request: ledger.Request{
		ID: "req_1", State: ledger.Pending, Digest: "d", Needs: []policy.Need{{Count: 1, Factor: policy.Client}},
	}}
	sealed := desk.Dialog(actor("ana"), op, view)
	if sealed == "" {
		f.Fatal("there is no dialog to forge")
	}
	other := gate.New(gate.Config{Ledger: ledger.NewMemory(), Policy: func() *policy.Policy { return pol }, Key: seal.NewKey([32]byte{2})})
	for _, s := range []string{"", ".", "a.b", sealed[:len(sealed)-1], strings.ToUpper(sealed), sealed + "=", other.Desk().Dialog(actor("ana"), op, view)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, state string) {
		if state == sealed {
			return
		}
		if _, err := desk.Answer(t.Context(), actor("ana"), op, state, true); !errors.Is(err, gate.ErrDialog) {
			t.Errorf("the state %q is answered with %v", state, err)
		}
	})
}

// FuzzIntent holds that two operations that differ in anything are two
// intents: no field can be written so that it passes for another's.
func FuzzIntent(f *testing.F) {
	f.Add("web-1", "a.example.com", "web-1a", ".example.com")
	f.Add("", "x", "x", "")
	f.Fuzz(func(t *testing.T, name1, host1, name2, host2 string) {
		of := func(name, host string) gate.Operation {
			return gate.Operation{Action: policy.Update, Server: ref(web), Update: &vpsapi.UpdateServerParams{Name: &name, Hostname: &host}}
		}
		if !utf8.ValidString(name1 + host1 + name2 + host2) {
			return // JSON has no such text, and no name may be so
		}
		same := name1 == name2 && host1 == host2
		if (gate.CallDigest(of(name1, host1)) == gate.CallDigest(of(name2, host2))) != same {
			t.Errorf("%q %q and %q %q", name1, host1, name2, host2)
		}
	})
}

// FuzzDigest holds what an intent and what is shown are hashed by: two lists of
// fields have one digest only if they are the same list, wherever bytes move.
func FuzzDigest(f *testing.F) {
	f.Add("intent", []byte("http://a"), []byte("b"), "intent", []byte("http://"), []byte("ab"), false)
	f.Add("intent", []byte("a"), []byte{}, "intent", []byte{}, []byte("a"), false)
	f.Add("i", []byte("\x00\x00\x00\x00\x00\x00\x00\x01a"), []byte{}, "i", []byte{}, []byte("a"), true)
	f.Fuzz(func(t *testing.T, domain1 string, a1, b1 []byte, domain2 string, a2, b2 []byte, joined bool) {
		one, other := [][]byte{a1, b1}, [][]byte{a2, b2}
		if joined {
			other = [][]byte{slices.Concat(a2, b2)}
		}
		same := domain1 == domain2 && slices.EqualFunc(one, other, bytes.Equal)
		if (gate.Digest(domain1, one...) == gate.Digest(domain2, other...)) != same {
			t.Errorf("%q %q and %q %q", domain1, one, domain2, other)
		}
	})
}
