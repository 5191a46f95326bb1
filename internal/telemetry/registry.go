package telemetry

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"github.com/VictoriaMetrics/metrics"
)

// registry holds metrics and writes them in Prometheus' text format, version
// 0.0.4. The library's series know of no labels, only of a whole name, and it
// writes what kind a metric is but not what it is for: both stand here.
type registry struct {
	set  *metrics.Set
	help map[string]string // by a metric's name
	// reads put what is known only when somebody asks into a set of that moment.
	reads []func(*metrics.Set)
}

func newRegistry() *registry {
	metrics.ExposeMetadata(true) // the library has this for a process as a whole
	return &registry{set: metrics.NewSet(), help: make(map[string]string)}
}

// family is a metric that has a series for each combination of its labels'
// values.
type family struct {
	name   string
	labels []string
	order  []int // of the labels as they are written: by their names
}

func (r *registry) family(name, help string, labels []string) family {
	r.help[name] = help
	order := make([]int, len(labels))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(labels[a], labels[b]) })
	return family{name, labels, order}
}

// labelValue writes a label's value as the text format has it. What is no UTF-8
// would cost a reader everything beside it.
var labelValue = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)

// series names the series of these values, which are in the labels' order.
func (f family) series(values ...string) string {
	if len(values) != len(f.labels) {
		panic("telemetry: " + f.name + " has other labels")
	}
	if len(values) == 0 {
		return f.name
	}
	var name strings.Builder
	name.WriteString(f.name)
	for n, i := range f.order {
		name.WriteByte("{,"[min(n, 1)])
		name.WriteString(f.labels[i])
		name.WriteString(`="`)
		_, _ = labelValue.WriteString(&name, strings.ToValidUTF8(values[i], "\uFFFD"))
		name.WriteByte('"')
	}
	name.WriteByte('}')
	return name.String()
}

type counterVec struct {
	family
	set *metrics.Set
}

func (r *registry) counters(name, help string, labels ...string) counterVec {
	return counterVec{r.family(name, help, labels), r.set}
}

func (c counterVec) with(values ...string) *metrics.Counter {
	return c.set.GetOrCreateCounter(c.series(values...))
}

type histogramVec struct {
	family
	set    *metrics.Set
	bounds []float64
}

func (r *registry) histograms(name, help string, bounds []float64, labels ...string) histogramVec {
	return histogramVec{r.family(name, help, labels), r.set, bounds}
}

func (h histogramVec) with(values ...string) *metrics.PrometheusHistogram {
	return h.set.GetOrCreatePrometheusHistogramExt(h.series(values...), h.bounds)
}

func (r *registry) gauge(name, help string) *metrics.Gauge {
	return r.set.NewGauge(r.family(name, help, nil).series(), nil)
}

// readGauges makes a metric whose series read tells anew each time, by calls of
// show with their values and labels' values.
func (r *registry) readGauges(name, help string, labels []string, read func(show func(value float64, labels ...string))) {
	f := r.family(name, help, labels)
	r.reads = append(r.reads, func(now *metrics.Set) {
		read(func(value float64, values ...string) {
			now.GetOrCreateGauge(f.series(values...), nil).Set(value)
		})
	})
}

// write writes all metrics, and Go's and the process's own.
func (r *registry) write(w io.Writer) error {
	var text bytes.Buffer
	r.set.WritePrometheus(&text)
	for _, read := range r.reads {
		now := metrics.NewSet()
		read(now)
		now.WritePrometheus(&text)
	}
	metrics.WriteGoMetrics(&text)
	metrics.WriteProcMetrics(&text)
	metrics.WriteFDMetrics(&text)
	const helpLine = "# HELP "
	var explained bytes.Buffer
	for line := range bytes.Lines(text.Bytes()) {
		name, isHelp := bytes.CutPrefix(line, []byte(helpLine))
		if !isHelp {
			explained.Write(line)
			continue
		}
		name = bytes.TrimSpace(name)
		if help := r.help[string(name)]; help != "" {
			explained.WriteString(helpLine + string(name) + " " + help + "\n")
		}
	}
	_, err := explained.WriteTo(w)
	return err
}
