package ledger

import (
	"encoding/json"
	"time"
)

// Delivery is something that came in and was acknowledged before it was dealt
// with. It is kept until then, so that another process can go on with it. It is
// no part of the audit trail, nor of a backup.
type Delivery struct {
	ID         string
	Payload    json.RawMessage
	ReceivedAt time.Time
	TakenUntil time.Time // who works on it has until then
}

const deliveryColumns = "id, payload, received_at, taken_until"

func scanDelivery(d *Delivery) []any {
	return []any{(*column)(&d.ID), (*jsonColumn)(&d.Payload), (*timeColumn)(&d.ReceivedAt), (*timeColumn)(&d.TakenUntil)}
}

func (v *sqlView) Deliveries(now time.Time) ([]Delivery, error) {
	return collect(v, "read deliveries", "SELECT "+deliveryColumns+" FROM deliveries WHERE taken_until <= ? ORDER BY received_at, id", []any{nanos(now)}, scanDelivery, nil)
}

func (t *sqlTx) AddDelivery(d Delivery) error {
	rows, err := t.do("keep a delivery", "INSERT INTO deliveries ("+deliveryColumns+") VALUES ("+placeholders(4)+") ON CONFLICT (id) DO NOTHING",
		toText(d.ID), toText(string(d.Payload)), nanos(d.ReceivedAt), nanos(d.TakenUntil))
	if err == nil && rows == 0 {
		return ErrSpent
	}
	return err
}

func (t *sqlTx) TakeDelivery(id string, now, until time.Time) error {
	rows, err := t.do("take a delivery", "UPDATE deliveries SET taken_until = ? WHERE id = ? AND taken_until <= ?", nanos(until), toText(id), nanos(now))
	if err == nil && rows == 0 {
		return ErrConflict
	}
	return err
}

func (t *sqlTx) DropDelivery(id string) error {
	_, err := t.do("drop a delivery", "DELETE FROM deliveries WHERE id = ?", toText(id))
	return err
}
