package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// traceCollector takes traces as OpenTelemetry's collector does.
type traceCollector struct {
	*httptest.Server
	mu    sync.Mutex
	spans []*tracepb.Span
}

func (c *traceCollector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var batch tracepb.TracesData
	if err == nil {
		err = proto.Unmarshal(body, &batch)
	}
	if err != nil || r.URL.Path != "/v1/traces" {
		http.Error(w, fmt.Sprint(err), http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, resource := range batch.ResourceSpans {
		for _, scope := range resource.ScopeSpans {
			c.spans = append(c.spans, scope.Spans...)
		}
	}
}

func cmdCollector(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 0, 0, "collector")
	c := &traceCollector{}
	c.Server = httptest.NewServer(c)
	worldOf(ts).collector = c
	ts.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", c.URL)
}

func cmdSpans(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 0, 0, "spans")
	w := worldOf(ts)
	w.collector.mu.Lock()
	defer w.collector.mu.Unlock()
	byID := make(map[string]*tracepb.Span)
	for _, s := range w.collector.spans {
		byID[string(s.SpanId)] = s
	}
	var lines []string
	for _, s := range w.collector.spans {
		lines = append(lines, pathOf(s, byID)+attributesOf(s))
	}
	slices.Sort(lines)
	text := strings.Join(lines, "\n") + "\n"
	w.heard("the traces", text)
	show(ts, "%s", text)
}

// pathOf is a span's name after those of the spans it is within.
func pathOf(s *tracepb.Span, byID map[string]*tracepb.Span) string {
	if within := byID[string(s.ParentSpanId)]; within != nil {
		return pathOf(within, byID) + " > " + s.Name
	}
	if len(s.ParentSpanId) > 0 {
		return fmt.Sprintf("%x > %s", s.TraceId, s.Name)
	}
	return s.Name
}

func attributesOf(s *tracepb.Span) string {
	pairs := make([]string, len(s.Attributes))
	for i, a := range s.Attributes {
		pairs[i] = " " + a.Key + "=" + valueOf(a.Value)
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "")
}

func valueOf(v *commonpb.AnyValue) string {
	switch v := v.Value.(type) {
	case *commonpb.AnyValue_StringValue:
		return v.StringValue
	case *commonpb.AnyValue_IntValue:
		return fmt.Sprint(v.IntValue)
	case *commonpb.AnyValue_BoolValue:
		return fmt.Sprint(v.BoolValue)
	}
	return v.String()
}
