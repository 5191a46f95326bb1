package tracing

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcptracing "github.com/mark3labs/mcp-go/tracing"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
)

func values(m map[string]string) func(string) (string, error) {
	return func(name string) (string, error) { return m[name], nil }
}

func TestTracesAreOffUntilAVariableTurnsThemOn(t *testing.T) {
	for _, set := range []map[string]string{
		{},
		{"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"},
		{"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"},
		{"OTEL_EXPORTER_OTLP_HEADERS": "a=b"},
	} {
		traces, err := Start(t.Context(), values(set), "v1", slog.Default())
		if traces != nil || err != nil {
			t.Errorf("%v: %v, %v", set, traces, err)
		}
	}
	var off *Traces
	if err := off.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestWhereTracesGo(t *testing.T) {
	for want, set := range map[string]map[string]string{
		"http://localhost:4318/v1/traces":   {"OTEL_TRACES_EXPORTER": "otlp"},
		"https://c.example.com/v1/traces":   {"OTEL_EXPORTER_OTLP_ENDPOINT": "https://c.example.com"},
		"https://c.example.com/a/v1/traces": {"OTEL_EXPORTER_OTLP_ENDPOINT": "https://c.example.com/a/"},
		"https://t.example.com/in":          {"OTEL_EXPORTER_OTLP_ENDPOINT": "https://c.example.com", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://t.example.com/in"},
	} {
		to, err := destinationOf(values(set))
		if err != nil || to.url != want || to.timeout != 10*time.Second {
			t.Errorf("%v: %+v, %v, want %s", set, to, err, want)
		}
	}
	to, err := destinationOf(values(map[string]string{
		"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20abc, x-team=ops",
		"OTEL_EXPORTER_OTLP_TIMEOUT": "10000", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": "250", "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
	}))
	if err != nil || to.headers.Get("Authorization") != "Bearer abc" || to.headers.Get("X-Team") != "ops" || to.timeout != 250*time.Millisecond || !to.gzip {
		t.Errorf("%+v, %v", to, err)
	}
}

func TestAVariableThatCannotBeRightIsNamed(t *testing.T) {
	const secret = "Bearer abc"
	for name, value := range map[string]string{
		"OTEL_TRACES_EXPORTER": "jaeger", "OTEL_EXPORTER_OTLP_ENDPOINT": "localhost:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
		"OTEL_EXPORTER_OTLP_TRACES_HEADERS": secret, "OTEL_EXPORTER_OTLP_TIMEOUT": "10s", "OTEL_EXPORTER_OTLP_COMPRESSION": "zstd",
		"OTEL_EXPORTER_OTLP_CERTIFICATE": "/nowhere.pem", "OTEL_TRACES_SAMPLER": "parentbased_", "OTEL_TRACES_SAMPLER_ARG": "NaN",
	} {
		set := map[string]string{"OTEL_TRACES_EXPORTER": "otlp", "OTEL_TRACES_SAMPLER": "traceidratio"}
		set[name] = value
		_, err := Start(t.Context(), values(set), "v1", slog.Default())
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "; for example "+name+"=") || strings.Contains(err.Error(), secret) {
			t.Errorf("%s=%s: %v", name, value, err)
		}
	}
}

func TestHowManyTracesAreMade(t *testing.T) {
	for set, want := range map[[2]string]string{
		{}:                                   "ParentBased{root:AlwaysOnSampler,",
		{"ALWAYS_OFF", "x"}:                  "AlwaysOffSampler",
		{"always_on"}:                        "AlwaysOnSampler",
		{"traceidratio"}:                     "TraceIDRatioBased{1}",
		{"parentbased_traceidratio", "0.25"}: "ParentBased{root:TraceIDRatioBased{0.25},",
	} {
		v := &variables{value: values(map[string]string{"OTEL_TRACES_SAMPLER": set[0], "OTEL_TRACES_SAMPLER_ARG": set[1]})}
		sampler, err := v.sampler()
		if err != nil || !strings.HasPrefix(sampler.Description(), want) {
			t.Errorf("%v: %v, %v, want %s", set, sampler, err, want)
		}
	}
}

// answering makes a sender to a collector that answers so.
func answering(t *testing.T, codes ...int) (*sender, *int) {
	got := new(int)
	s := newSender(destination{url: "http://collector/v1/traces", headers: http.Header{}, timeout: time.Second, gzip: true})
	s.client.Transport = roundTrip(func(*http.Request) *http.Response {
		answer := httptest.NewRecorder()
		answer.WriteHeader(codes[min(*got, len(codes)-1)])
		*got++
		return answer.Result()
	})
	return s, got
}

type roundTrip func(*http.Request) *http.Response

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r), nil }

func TestWhatMayPassIsSentAgain(t *testing.T) {
	for _, c := range []struct {
		codes []int
		sent  int
		lost  bool
	}{
		{[]int{200}, 1, false},
		{[]int{503, 429, 200}, 3, false},
		{[]int{503}, maxTries, true},
		{[]int{400}, 1, true},
		{[]int{302}, 1, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			s, got := answering(t, c.codes...)
			err := s.UploadTraces(t.Context(), nil)
			if *got != c.sent || (err != nil) != c.lost {
				t.Errorf("%v: sent %d times: %v", c.codes, *got, err)
			}
		})
	}
}

func TestACallersTraceIsTakenOver(t *testing.T) {
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	recorder := tracetest.NewSpanRecorder()
	traces := newTraces(sdk.NewTracerProvider(sdk.WithSpanProcessor(recorder)))
	carried := []context.Context{
		traces.Headers().Extract(t.Context(), http.Header{"Traceparent": {parent}}),
		traces.Meta().ExtractMeta(t.Context(), &mcp.Meta{AdditionalFields: map[string]any{"traceparent": parent, "tracestate": 7}}),
	}
	for _, ctx := range carried {
		ctx, span := traces.MCP(OverTCP).Start(ctx, "mcp.tools/list", mcptracing.SpanKindServer, mcptracing.String("mcp.session.id", "secret-session"))
		if got := trace.SpanContextFromContext(ctx).TraceID().String(); got != "0af7651916cd43dd8448eb211c80319c" {
			t.Errorf("the trace is %s", got)
		}
		span.End()
	}
	if ctx := traces.Meta().ExtractMeta(t.Context(), nil); trace.SpanContextFromContext(ctx).IsValid() {
		t.Error("a trace out of nothing")
	}
	for _, s := range recorder.Ended() {
		for _, a := range s.Attributes() {
			if strings.Contains(a.Value.String(), "secret-session") {
				t.Errorf("%s holds the session's id", a.Key)
			}
		}
	}
}
