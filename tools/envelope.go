package tools

import "context"

// Envelope is what goes with a message beside its text: who sends it, and what there
// is to put right in its answer. All in one, since it is made for each message.
type Envelope struct {
	Caller     Caller
	Session    context.Context //nolint:containedctx // over when the caller has ended the session it is of; nil where it is of none
	Correction Correction
}

type envelopeKey struct{}

// WithEnvelope returns a context for handling one message.
func WithEnvelope(ctx context.Context, e *Envelope) context.Context {
	return context.WithValue(ctx, envelopeKey{}, e)
}

// EnvelopeFrom returns what goes with the message of a context; nil where it has no
// caller.
func EnvelopeFrom(ctx context.Context) *Envelope {
	e, _ := ctx.Value(envelopeKey{}).(*Envelope)
	return e
}
