package tracing

import (
	"context"
	"net/http"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
	mcptracing "github.com/mark3labs/mcp-go/tracing"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"vpsops/internal/inert"
)

// How MCP comes in, as the conventions call it.
const (
	OverPipe = "pipe" // standard input and output
	OverTCP  = "tcp"
)

// maxText caps what a client or the API says within a span.
const maxText = 200

// MCP returns what has an mcp-go server make spans as the conventions for MCP
// name them (https://github.com/open-telemetry/semantic-conventions-genai,
// docs/gen-ai/mcp.md): one of each method that is served, called after it and
// its tool. The session's id, by which a client is known, stays out.
func (t *Traces) MCP(transport string) mcptracing.Tracer { return &mcpTracer{t.tracer, transport} }

type mcpTracer struct {
	tracer    trace.Tracer
	transport string
}

// What mcp-go calls its spans and their attributes.
const (
	libraryMethod  = "mcp."
	libraryTool    = "tool."
	libraryVersion = "mcp.protocol.version"
)

// Start implements mcp-go's Tracer. The library's second span, of a tool within
// its method, tells nothing more: it becomes the method's.
func (t *mcpTracer) Start(ctx context.Context, name string, _ mcptracing.SpanKind, attrs ...mcptracing.Attribute) (context.Context, mcptracing.Span) {
	if tool, ok := strings.CutPrefix(name, libraryTool); ok {
		span := trace.SpanFromContext(ctx)
		span.SetName("tools/call " + tool)
		span.SetAttributes(attribute.String("gen_ai.tool.name", tool), attribute.String("gen_ai.operation.name", "execute_tool"))
		method, _ := mcptracing.SpanFromContext(ctx).(*mcpSpan)
		return ctx, &mcpSpan{span: span, tool: true, method: method}
	}
	method := inert.Text(strings.TrimPrefix(name, libraryMethod), maxText)
	ctx, span := t.tracer.Start(ctx, method, trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(
		attribute.String("mcp.method.name", method), attribute.String("network.transport", t.transport)))
	for _, a := range attrs {
		if a.Key == libraryVersion {
			span.SetAttributes(attribute.String("mcp.protocol.version", inert.Text(a.Value, maxText)))
		}
	}
	s := &mcpSpan{span: span}
	return mcptracing.ContextWithSpan(ctx, s), s
}

// mcpSpan is a method's span, or its tool's view of it.
type mcpSpan struct {
	span   trace.Span
	failed bool // what went wrong is said already
	tool   bool
	method *mcpSpan // a tool's; nil where it is unknown
}

// SetAttributes implements mcp-go's Span. What matters was said at the start.
func (*mcpSpan) SetAttributes(...mcptracing.Attribute) {}

// RecordError implements mcp-go's Span. The status tells it.
func (*mcpSpan) RecordError(error) {}

// SetStatus implements mcp-go's Span. A tool that answers with an error does so
// in a method that went well.
func (s *mcpSpan) SetStatus(code mcptracing.StatusCode, description string) {
	if code != mcptracing.StatusError || s.failed {
		return
	}
	s.failed = true
	kind := "_OTHER"
	if s.tool {
		kind = "tool_error"
	}
	if s.method != nil {
		s.method.failed = true
	}
	s.span.SetAttributes(attribute.String("error.type", kind))
	s.span.SetStatus(codes.Error, inert.Text(description, maxText))
}

// End implements mcp-go's Span.
func (s *mcpSpan) End() {
	if !s.tool {
		s.span.End()
	}
}

// Headers returns what takes a caller's trace over from HTTP's headers
// (https://www.w3.org/TR/trace-context/).
func (*Traces) Headers() mcptracing.Propagator { return headers{} }

// Meta returns what takes it over from a call's _meta, on any transport.
func (*Traces) Meta() mcptracing.MetaPropagator { return meta{} }

var w3c propagation.TraceContext

type headers struct{}

// Inject implements mcp-go's Propagator. We send nobody a trace.
func (headers) Inject(context.Context, http.Header) {}

// Extract implements mcp-go's Propagator.
func (headers) Extract(ctx context.Context, h http.Header) context.Context {
	return w3c.Extract(ctx, propagation.HeaderCarrier(h))
}

type meta struct{}

// InjectMeta implements mcp-go's MetaPropagator.
func (meta) InjectMeta(_ context.Context, m *mcp.Meta) *mcp.Meta { return m }

// ExtractMeta implements mcp-go's MetaPropagator.
func (meta) ExtractMeta(ctx context.Context, m *mcp.Meta) context.Context {
	if m == nil {
		return ctx
	}
	carrier := propagation.MapCarrier{}
	for _, field := range w3c.Fields() {
		if text, ok := m.AdditionalFields[field].(string); ok {
			carrier[field] = text
		}
	}
	return w3c.Extract(ctx, carrier)
}
