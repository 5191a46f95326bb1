package tracing

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"vpsops/internal/inert"
	"vpsops/vpsapi"
)

// Step begins a span of one step of a request within the gate, such as "vote",
// and returns what ends it.
func (t *Traces) Step(ctx context.Context, step string) (context.Context, func(requestID string, err error)) {
	ctx, span := t.tracer.Start(ctx, "gate "+step)
	return ctx, func(requestID string, err error) {
		if requestID != "" {
			span.SetAttributes(attribute.String("vpsops.request.id", requestID))
		}
		if err != nil {
			span.SetStatus(codes.Error, inert.Text(err.Error(), maxText))
		}
		span.End()
	}
}

// Front begins a span of what a person did at a front end, such as "console
// reboot", and returns what ends it.
func (t *Traces) Front(ctx context.Context, what string) (context.Context, func()) {
	if t == nil {
		return ctx, func() {}
	}
	ctx, span := t.tracer.Start(ctx, what, trace.WithSpanKind(trace.SpanKindServer))
	return ctx, func() { span.End() }
}

// APICall makes a span of a call of the API that has just ended. Calls that
// are no part of anything, such as those of a health check, have none.
func (t *Traces) APICall(ctx context.Context, call vpsapi.CallInfo) {
	if t == nil || !trace.SpanContextFromContext(ctx).IsValid() {
		return
	}
	end := time.Now()
	_, span := t.tracer.Start(ctx, call.Method+" "+call.Route, trace.WithSpanKind(trace.SpanKindClient), trace.WithTimestamp(end.Add(-call.Duration)),
		trace.WithAttributes(
			attribute.String("http.request.method", call.Method), attribute.String("url.template", call.Route),
			attribute.String("vpsops.api.operation", call.Operation), attribute.String("vpsops.api.outcome", string(call.Outcome)),
			attribute.Int("vpsops.api.attempts", call.Attempts), attribute.Bool("vpsops.api.shared", call.Shared)))
	if call.StatusCode != 0 {
		span.SetAttributes(attribute.Int("http.response.status_code", call.StatusCode))
	}
	if call.Outcome != vpsapi.OutcomeOK {
		span.SetAttributes(attribute.String("error.type", string(call.Outcome)))
		span.SetStatus(codes.Error, string(call.Outcome))
	}
	span.End(trace.WithTimestamp(end))
}
