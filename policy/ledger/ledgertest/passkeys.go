package ledgertest

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"vpsops/policy/ledger"
)

func passkeysOf(t testing.TB, l ledger.Ledger, person string) (found []ledger.Passkey) {
	t.Helper()
	read(t, l, func(tx ledger.ReadTx) (err error) {
		found, err = tx.Passkeys(person)
		return err
	})
	return found
}

func testPasskeys(t *testing.T, open Open) {
	l := open(t)
	key := func(id, person string, age time.Duration) ledger.Passkey {
		return ledger.Passkey{ID: id, Person: person, Name: "blue\nkey", Handle: "handle-" + person, Credential: "sealed", Created: epoch.Add(-age)}
	}
	for _, p := range []ledger.Passkey{key("k2", "ana", 0), key("k1", "ana", time.Hour), key("k3", "ben", 0)} {
		write(t, l, func(tx ledger.Tx) error { return tx.AddPasskey(p) })
	}
	try := func(fn func(tx ledger.Tx) error) error { return l.Write(context.Background(), fn) }
	if err := try(func(tx ledger.Tx) error { return tx.AddPasskey(key("k3", "ana", 0)) }); !errors.Is(err, ledger.ErrSpent) {
		t.Errorf("another person's key was kept again: %v", err)
	}
	if got, want := passkeysOf(t, l, "ana"), []ledger.Passkey{key("k1", "ana", time.Hour), key("k2", "ana", 0)}; !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	use := func(uses int64, end error) error {
		return try(func(tx ledger.Tx) error { return errors.Join(tx.UsePasskey("k1", uses, epoch.Add(time.Minute)), end) })
	}
	for _, step := range []struct {
		uses int64
		end  error
		want error
	}{{0, nil, nil}, {0, nil, nil}, {5, errRollback, errRollback}, {5, nil, nil}, {5, nil, ledger.ErrSpent}, {4, nil, ledger.ErrSpent}, {0, nil, ledger.ErrSpent}, {9, nil, nil}} {
		if err := use(step.uses, step.end); !errors.Is(err, step.want) {
			t.Errorf("the count %d: %v, want %v", step.uses, err, step.want)
		}
	}
	if got := passkeysOf(t, l, "ana")[0]; got.Uses != 9 || !got.Used.Equal(epoch.Add(time.Minute)) {
		t.Errorf("after it was used: %+v", got)
	}
	if got := passkeysOf(t, l, "ben"); len(got) != 1 || got[0].Uses != 0 {
		t.Errorf("another person has %+v", got)
	}
	if err := try(func(tx ledger.Tx) error { return tx.UsePasskey("none", 1, epoch) }); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("one that is not there was used: %v", err)
	}
	if err := try(func(tx ledger.Tx) error { return tx.DropPasskey("ben", "k1") }); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("another person's was removed: %v", err)
	}
	dropped := try(func(tx ledger.Tx) error { return errors.Join(tx.DropPasskey("ana", "k1"), errRollback) })
	if got := passkeysOf(t, l, "ana"); !errors.Is(dropped, errRollback) || len(got) != 2 {
		t.Errorf("after it was taken back: %+v, %v", got, dropped)
	}
	write(t, l, func(tx ledger.Tx) error { return tx.DropPasskey("ana", "k1") })
	if got := passkeysOf(t, l, "ana"); len(got) != 1 || got[0].ID != "k2" {
		t.Errorf("left are %+v", got)
	}
}
