package telemetry_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"vpsops/internal/telemetry"
)

const hostile = "web\u202e\x1b[31m\u200b\u009b\n\U000e0041"

type (
	valuer  struct{}
	text    struct{}
	details struct {
		Name string            `json:"name"`
		N    uint64            `json:"n"`
		Tags map[string]string `json:"tags"`
	}
)

func (valuer) LogValue() slog.Value {
	return slog.GroupValue(slog.String("inner", hostile))
}
func (text) MarshalText() ([]byte, error) { return []byte(hostile), nil }

func hostileArgs() []any {
	return []any{
		"string", hostile,
		"error", fmt.Errorf("wrapped: %w", errors.New(hostile)),
		"strings",
		[]string{hostile},
		"bytes", []byte(hostile),
		"struct",
		details{Name: hostile, N: 1<<64 - 1, Tags: map[string]string{hostile: hostile}},
		"pointer", &details{Name: hostile},
		"marshaler",
		text{},
		"valuer",
		valuer{},
		"unmarshalable",
		map[string]any{hostile: func() {}},
		slog.Group("group", "name", hostile),
		hostile, 1,
	}
}

func TestNothingInALogLineActs(t *testing.T) {
	for _, format := range []string{telemetry.FormatText, telemetry.FormatJSON} {
		t.Run(format, func(t *testing.T) {
			var out bytes.Buffer
			log := telemetry.NewLogger(&out, slog.LevelInfo, format, false)
			log.With("with", hostile).WithGroup("g").Info(hostile, hostileArgs()...)

			line, ok := strings.CutSuffix(out.String(), "\n")
			if !ok || strings.Contains(line, "\n") {
				t.Fatalf("not one line: %q", out.String())
			}
			for _, r := range line {
				if !unicode.IsGraphic(r) {
					t.Fatalf("%U is left in %s", r, line)
				}
			}
			if !strings.Contains(line, `u{202e}`) || !strings.Contains(line, `u{1b}`) {
				t.Errorf("what was there can't be seen: %s", line)
			}
		})
	}
}

func TestJSONKeepsItsStructure(t *testing.T) {
	var out bytes.Buffer
	telemetry.NewLogger(&out, slog.LevelInfo, telemetry.FormatJSON, false).Warn("said",
		"struct", details{Name: "a\u202eb", N: 1<<64 - 1},
		"list", []int{1, 2}, "nothing", nil, "ok", true, "n", 3, "address", netip.MustParseAddr("192.0.2.1"))
	decoder := json.NewDecoder(&out)
	decoder.UseNumber()
	var got map[string]any
	if err := decoder.Decode(&got); err != nil {
		t.Fatal(err)
	}
	delete(got, "time")
	want := map[string]any{
		"level": "WARN", "msg": "said",
		"struct":  map[string]any{"name": `a\u{202e}b`, "n": json.Number("18446744073709551615"), "tags": nil},
		"list":    []any{json.Number("1"), json.Number("2")},
		"nothing": nil, "ok": true, "n": json.Number("3"), "address": "192.0.2.1",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestLongValuesAreCut(t *testing.T) {
	for _, format := range []string{telemetry.FormatText, telemetry.FormatJSON} {
		var out bytes.Buffer
		telemetry.NewLogger(&out, slog.LevelInfo, format, false).Info("x", "body", strings.Repeat("x", 1<<20))
		if out.Len() > 5000 || !strings.Contains(out.String(), "x…") {
			t.Errorf("%s: a line of %d bytes", format, out.Len())
		}
	}
}

func TestFormatFollowsTheTerminal(t *testing.T) {
	for _, c := range []struct {
		format     string
		isTerminal bool
		wantJSON   bool
	}{
		{"", true, false},
		{"", false, true},
		{telemetry.FormatText, false, false},
		{telemetry.FormatJSON, true, true},
	} {
		var out bytes.Buffer
		telemetry.NewLogger(&out, slog.LevelInfo, c.format, c.isTerminal).Info("x")
		if got := json.Valid(out.Bytes()); got != c.wantJSON {
			t.Errorf("format %q, terminal %v: %s", c.format, c.isTerminal, out.String())
		}
	}
}

type nilError struct{ text string }

func (e *nilError) Error() string { return e.text }

func TestAValueThatPanicsIsLoggedAsSuch(t *testing.T) {
	for _, format := range []string{telemetry.FormatText, telemetry.FormatJSON} {
		var out bytes.Buffer
		telemetry.NewLogger(&out, slog.LevelInfo, format, false).Info("x", "err", (*nilError)(nil))
		if !strings.Contains(out.String(), "!PANIC in *telemetry_test.nilError") {
			t.Errorf("%s: %s", format, out.String())
		}
	}
}

func TestLevel(t *testing.T) {
	var out bytes.Buffer
	log := telemetry.NewLogger(&out, slog.LevelWarn, telemetry.FormatText, true)
	log.Info("quiet")
	log.Warn("loud")
	if got := out.String(); strings.Contains(got, "quiet") || !strings.Contains(got, "level=WARN msg=loud") {
		t.Errorf("logged %q", got)
	}
}
