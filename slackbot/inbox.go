package slackbot

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"vpsops/policy/ledger"
	"vpsops/slackbot/card"
	"vpsops/slackbot/command"
	"vpsops/slackbot/delivery"
)

const (
	workTime    = jobTime + tellTime + 15*time.Second // a delivery that isn't dealt with in it is another process's
	remembered  = time.Hour                           // longer than Slack sends anything again
	staleAfter  = 5 * time.Minute                     // nobody expects it to happen any more
	lookForLeft = 20 * time.Second                    // how often
)

// durably does a job of a delivery that changes something: it is in the ledger
// before this returns, and done once, whatever comes in between. It returns the
// words for whoever said it where it was not taken, else nil.
func (b *Bot) durably(ctx context.Context, d delivery.Delivery, job func(context.Context)) (no *card.Message, err error) {
	if !b.jobs.room() {
		return b.busy(), nil
	}
	payload, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	kept, err := b.Ballot.KeepDelivery(ctx, d.ID, payload, workTime, remembered)
	if errors.Is(err, ledger.ErrSpent) {
		return nil, nil // it came before
	}
	if err != nil {
		b.Logger.Error("slack: a delivery could not be kept", "error", err)
		words := b.failure(caller{}, command.Command{}, err)
		return &words, nil
	}
	job = b.traced(d, job)
	// Where the queue has filled up since, it is taken up from the ledger.
	b.jobs.start(func(ctx context.Context) { b.finish(ctx, kept, job) })
	return nil, nil
}

// finish does the job of a delivery that is kept, unless it waited so long for
// its turn that it is somebody else's now.
func (b *Bot) finish(ctx context.Context, kept ledger.Delivery, job func(context.Context)) {
	if kept.TakenUntil.Sub(b.Now()) < jobTime+tellTime {
		if _, err := b.Ballot.HoldDelivery(ctx, kept, workTime); err != nil {
			if !errors.Is(err, ledger.ErrConflict) {
				b.Logger.Error("slack: a delivery is left for later", "error", err)
			}
			return
		}
	}
	job(ctx)
	if err := b.Ballot.DeliveryDone(context.WithoutCancel(ctx), kept.ID); err != nil {
		b.Logger.Error("slack: a delivery that was dealt with is still kept", "error", err)
	}
}

// takeUpLeft deals with what was acknowledged and not finished, such as by a
// process that died.
func (b *Bot) takeUpLeft(ctx context.Context) {
	for {
		left, err := b.Ballot.LeftDeliveries(ctx, workTime)
		if err != nil && ctx.Err() == nil {
			b.Logger.Error("slack: what was left could not be read", "error", err)
		}
		for _, d := range left {
			job := b.jobLeft(d)
			b.jobs.start(func(ctx context.Context) { b.finish(ctx, d, job) })
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(lookForLeft):
		}
	}
}

// jobLeft is what is to be done of a delivery that was left.
func (b *Bot) jobLeft(kept ledger.Delivery) func(context.Context) {
	var d delivery.Delivery
	err := json.Unmarshal(kept.Payload, &d)
	var by caller
	var job func(context.Context)
	if err == nil {
		by, job, err = b.jobOf(d, kept.ReceivedAt)
	}
	switch {
	case err != nil:
		b.Logger.Error("slack: what was kept of a delivery can't be read: nothing is done", "error", err)
		return func(context.Context) {}
	case b.Now().Sub(kept.ReceivedAt) > staleAfter:
		b.Logger.Warn("slack: a delivery is too old to be dealt with: nothing is done", "received", kept.ReceivedAt)
		return func(ctx context.Context) { b.sayStale(ctx, by, kept.ReceivedAt) }
	}
	return b.traced(d, job)
}

func (b *Bot) sayStale(ctx context.Context, by caller, at time.Time) {
	b.tell(ctx, by, b.cards().Note("vpsops stopped before it had dealt with what you said at "+at.UTC().Format("15:04 UTC")+
		". That is too long ago now, so it is not done any more; requests shows what was asked until then."))
}

// jobOf is who said a delivery that was kept at a time, and what it says to do.
func (b *Bot) jobOf(d delivery.Delivery, at time.Time) (caller, func(context.Context), error) {
	switch d.Kind {
	case delivery.Command:
		return b.commandJob(d, at)
	case delivery.Interaction:
		return b.interactionJob(d, at)
	}
	return caller{}, nil, errors.New("slackbot: a delivery of the kind " + string(d.Kind))
}
