package ledgertest

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"

	"vpsops/policy/ledger"
)

func deliveriesOf(t testing.TB, l ledger.Ledger, now time.Time) (found []ledger.Delivery) {
	t.Helper()
	read(t, l, func(tx ledger.ReadTx) (err error) {
		found, err = tx.Deliveries(now)
		return err
	})
	return found
}

func testDeliveries(t *testing.T, open Open) {
	l := open(t)
	one := ledger.Delivery{ID: "d1", Payload: json.RawMessage(`{"text": "reboot"}`), ReceivedAt: epoch.Add(time.Second), TakenUntil: epoch.Add(time.Minute)}
	two := ledger.Delivery{ID: "d2", Payload: json.RawMessage(`{}`), ReceivedAt: epoch}
	for _, d := range []ledger.Delivery{one, two} {
		write(t, l, func(tx ledger.Tx) error { return tx.AddDelivery(d) })
	}
	again := l.Write(context.Background(), func(tx ledger.Tx) error { return tx.AddDelivery(one) })
	if !errors.Is(again, ledger.ErrSpent) {
		t.Errorf("kept twice: %v", again)
	}
	if got := deliveriesOf(t, l, epoch); !reflect.DeepEqual(got, []ledger.Delivery{two}) {
		t.Errorf("free are %+v", got)
	}
	take := func(id string, now time.Time) error {
		return l.Write(context.Background(), func(tx ledger.Tx) error { return tx.TakeDelivery(id, now, now.Add(time.Minute)) })
	}
	if err := take("d1", epoch); !errors.Is(err, ledger.ErrConflict) {
		t.Errorf("taken from who works on it: %v", err)
	}
	if err := take("d1", epoch.Add(time.Minute)); err != nil {
		t.Errorf("past its time: %v", err)
	}
	if err := take("none", epoch); !errors.Is(err, ledger.ErrConflict) {
		t.Errorf("one that is not there: %v", err)
	}
	taken := l.Write(context.Background(), func(tx ledger.Tx) error { return errors.Join(tx.DropDelivery("d2"), errRollback) })
	if got := deliveriesOf(t, l, epoch); !errors.Is(taken, errRollback) || len(got) != 1 {
		t.Errorf("after it was taken back: %+v, %v", got, taken)
	}
	write(t, l, func(tx ledger.Tx) error { return errors.Join(tx.DropDelivery("d2"), tx.DropDelivery("d1")) })
	if got := deliveriesOf(t, l, epoch.Add(time.Hour)); len(got) != 0 {
		t.Errorf("after both were dealt with: %+v", got)
	}
}
