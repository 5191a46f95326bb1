package socket

import (
	"context"
	"time"

	"vpsops/slackbot/delivery"
)

// job is an envelope that waits for a worker.
type job struct {
	envelope
	conn     *conn
	received time.Time
}

// enqueue never waits: who reads must hear Slack's pings. When there is no room
// the envelope stays unacknowledged, and Slack sends it again.
func (c *Client) enqueue(n *conn, e envelope) {
	if e.ID == "" {
		c.Logger.Warn("a message of Slack's can't be acknowledged", "type", e.Type)
		return
	}
	n.pending.Add(1)
	select {
	case c.jobs <- job{e, n, time.Now()}:
	default:
		n.pending.Done()
		c.drop()
	}
}

func (c *Client) drop() {
	c.note(func(s *State) { s.Dropped++ })
	c.seldom.Do(func() { c.Logger.Error("too many deliveries at once: Slack will have to send some again") })
}

// work deals with one envelope and acknowledges it, if it was taken.
func (c *Client) work(ctx context.Context, j job) {
	defer j.conn.pending.Done()
	ctx, cancel := context.WithDeadline(ctx, j.received.Add(AckWithin))
	defer cancel()
	if ctx.Err() != nil { // it waited so long that Slack has given up
		c.drop()
		return
	}
	ack, err := c.seen.once(ctx, j.ID, func() (ack delivery.Ack, err error) {
		err = c.contained(func() error {
			ack, err = c.handle(ctx, &j.envelope)
			return err
		})
		return ack, err
	})
	if err != nil {
		c.note(func(s *State) { s.Failed++ })
		c.Logger.Error("a delivery of Slack's was not taken", "type", j.Type, "err", err)
		return
	}
	c.acknowledge(j, ack)
}

// handle hands the bot what is for it. What Slack sends beside that is
// acknowledged, so that it doesn't come again.
func (c *Client) handle(ctx context.Context, e *envelope) (delivery.Ack, error) {
	d, err := e.delivery()
	if err == nil && d.Kind == "" {
		return delivery.Ack{}, nil
	}
	if err == nil {
		err = c.Accept.Check(d)
	}
	if err != nil {
		c.Refused(delivery.Why(err))
		return delivery.Ack{}, err
	}
	return c.Handler.Handle(ctx, d)
}

func (c *Client) acknowledge(j job, ack delivery.Ack) {
	raw, leftOut := j.acknowledgement(ack.Body)
	if leftOut {
		c.Logger.Error("an answer was left out of its acknowledgement: Slack takes none there, or none so large",
			"type", j.Type, "bytes", len(ack.Body))
	}
	if err := j.conn.write(raw); err != nil {
		c.Logger.Warn("an acknowledgement didn't reach Slack, which may send the delivery again", "type", j.Type, "err", err)
		return
	}
	c.note(func(s *State) { s.Taken++ })
}
