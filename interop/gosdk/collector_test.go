package gosdk

import (
	"bytes"
	"encoding/binary"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// collector takes the program's traces as OpenTelemetry's collector does. They
// tell how long a call kept the program, whatever became of it for its client.
type collector struct {
	*httptest.Server
	mu   sync.Mutex
	text []byte
	more chan struct{} // closed when more has come
}

func newCollector(t *testing.T) *collector {
	c := &collector{more: make(chan struct{})}
	c.Server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	return c
}

func (c *collector) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	part, _ := io.ReadAll(r.Body)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.text = append(c.text, part...)
	close(c.more)
	c.more = make(chan struct{})
}

// settings have a program send its traces here.
func (c *collector) settings() []string {
	return []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + c.URL, "OTEL_BSP_SCHEDULE_DELAY=50"}
}

// lasted waits until the first call of a tool is over, and says how long it
// took the program.
func (c *collector) lasted(t *testing.T, tool string) time.Duration {
	t.Helper()
	late := time.After(patience)
	for {
		c.mu.Lock()
		took, more := durationOf(c.text, tool), c.more
		c.mu.Unlock()
		if took > 0 {
			return took
		}
		select {
		case <-more:
		case <-late:
			t.Fatalf("%s is not over", tool)
		}
	}
}

// durationOf reads a span: its name, its kind and its two times follow each
// other, each after a byte that says which it is.
func durationOf(traces []byte, tool string) time.Duration {
	_, after, found := bytes.Cut(traces, []byte("tools/call "+tool+"0"))
	if !found || len(after) < 19 || after[1] != '9' || after[10] != 'A' {
		return 0
	}
	return time.Duration(binary.LittleEndian.Uint64(after[11:]) - binary.LittleEndian.Uint64(after[2:]))
}
