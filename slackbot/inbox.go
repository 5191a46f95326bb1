package slackbot

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"vpsops/policy/ledger"
	"vpsops/slackbot/command"
	"vpsops/slackbot/delivery"
)

const (
	workTime    = time.Minute      // a delivery that isn't dealt with in it is another process's
	remembered  = time.Hour        // longer than Slack sends anything again
	staleAfter  = 5 * time.Minute  // nobody expects it to happen any more
	lookForLeft = 20 * time.Second // how often
)

// durably does a job of a delivery that changes something: it is in the ledger
// before this returns, and done once, whatever comes in between.
func (b *Bot) durably(ctx context.Context, d delivery.Delivery, job func(context.Context)) (delivery.Ack, error) {
	if !b.jobs.room() {
		return answer(b.cards().Note(busyWords))
	}
	kept, err := json.Marshal(d)
	if err != nil {
		return delivery.Ack{}, err
	}
	err = b.Ballot.KeepDelivery(ctx, d.ID, kept, workTime, remembered)
	if errors.Is(err, ledger.ErrSpent) {
		return delivery.Ack{}, nil // it came before
	}
	if err != nil {
		b.Logger.Error("slack: a delivery could not be kept", "error", err)
		return answer(b.failure(caller{}, command.Command{}, err))
	}
	// Where the queue has filled up since, it is taken up from the ledger.
	b.jobs.start(func(ctx context.Context) { b.finish(ctx, d.ID, job) })
	return delivery.Ack{}, nil
}

func (b *Bot) finish(ctx context.Context, id string, job func(context.Context)) {
	job(ctx)
	if err := b.Ballot.DeliveryDone(context.WithoutCancel(ctx), id); err != nil {
		b.Logger.Error("slack: a delivery that was dealt with is still kept", "error", err)
	}
}

// takeUpLeft deals with what a process acknowledged and did not finish.
func (b *Bot) takeUpLeft(ctx context.Context) {
	for {
		left, err := b.Ballot.LeftDeliveries(ctx, workTime)
		if err != nil && ctx.Err() == nil {
			b.Logger.Error("slack: what was left could not be read", "error", err)
		}
		for _, d := range left {
			b.takeUp(d)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(lookForLeft):
		}
	}
}

func (b *Bot) takeUp(kept ledger.Delivery) {
	var d delivery.Delivery
	job := func(context.Context) {}
	switch err := json.Unmarshal(kept.Payload, &d); {
	case err != nil:
		b.Logger.Error("slack: what was kept of a delivery can't be read", "error", err)
	case b.Now().Sub(kept.ReceivedAt) > staleAfter:
		b.Logger.Warn("slack: a delivery is too old to be dealt with: nothing is done", "received", kept.ReceivedAt)
	default:
		job = b.jobOf(d)
	}
	b.jobs.start(func(ctx context.Context) { b.finish(ctx, kept.ID, job) })
}

// jobOf is what a delivery that was kept says to do.
func (b *Bot) jobOf(d delivery.Delivery) func(context.Context) {
	switch d.Kind {
	case delivery.Command:
		if job, err := b.commandJob(d); err == nil {
			return job
		}
	case delivery.Interaction:
		if job, err := b.interactionJob(d); err == nil {
			return job
		}
	}
	return func(context.Context) {}
}
