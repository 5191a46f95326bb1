// Package tracing makes OpenTelemetry traces of a call's way: from the front end
// (an MCP method, the page, a delivery of Slack's, a command of the console)
// through the gate to the API. They are off unless the standard
// variables (https://opentelemetry.io/docs/specs/otel/protocol/exporter/) turn
// them on.
package tracing

import (
	"context"
	"fmt"
	"log/slog"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Traces makes spans and sends them. It is safe for concurrent use. A nil one
// makes none.
type Traces struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
}

// Start turns traces on if the variables say so, as value looks them up; else it
// returns nil. An error names the variable that cannot be right. Batches and
// limits follow their own variables. What cannot be sent is dropped, and
// logger told.
func Start(ctx context.Context, value func(name string) (string, error), version string, logger *slog.Logger) (*Traces, error) {
	to, err := destinationOf(value)
	if to == nil || err != nil {
		return nil, err
	}
	sampler, err := (&variables{value: value}).sampler()
	if err != nil {
		return nil, err
	}
	exporter, err := otlptrace.New(ctx, newSender(*to))
	if err != nil {
		return nil, err
	}
	about, err := resource.New(ctx,
		resource.WithTelemetrySDK(),
		resource.WithAttributes(attribute.String("service.name", "vpsops"), attribute.String("service.version", version)),
		resource.WithFromEnv()) // the last wins
	if err != nil {
		return nil, fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES: %w; for example OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=production", err)
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { logger.Warn("traces are lost", "error", err) }))
	return newTraces(sdk.NewTracerProvider(sdk.WithBatcher(exporter), sdk.WithResource(about), sdk.WithSampler(sampler))), nil
}

func newTraces(provider *sdk.TracerProvider) *Traces {
	return &Traces{provider: provider, tracer: provider.Tracer("vpsops")}
}

// Close sends what is left.
func (t *Traces) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	return t.provider.Shutdown(ctx)
}
