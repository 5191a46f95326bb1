package vpsapi_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync/atomic"
	"testing"

	"vpsops/vpsapi"
	"vpsops/vpsapi/sandbox"
)

// BenchmarkGetServer is the client's GET beside the same GET by net/http. Each goroutine asks for a server of its own, so that
// nothing is gained by sharing a flight.
func BenchmarkGetServer(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id":`+r.URL.Path[len("/servers/"):len(r.URL.Path)-1]+detail[len(`{"id":12345`):])
	}))
	b.Cleanup(server.Close)
	for _, parallel := range []int{1, 64} {
		name := map[int]string{1: "1", 64: "64"}[parallel]
		b.Run("net_http/"+name, func(b *testing.B) {
			client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
			b.Cleanup(client.CloseIdleConnections)
			inParallel(b, parallel, func(id vpsapi.ID) error {
				request, err := http.NewRequestWithContext(b.Context(), http.MethodGet, server.URL+"/servers/"+id.String()+"/", nil)
				if err != nil {
					return err
				}
				request.Header.Set("Authorization", "Bearer "+canary)
				request.Header.Set("Content-Type", "application/json")
				response, err := client.Do(request)
				if err != nil {
					return err
				}
				defer response.Body.Close()
				var into struct {
					ID                     int64
					Name, Hostname, Status string
					Plan, OS               struct{ Name string }
				}
				return json.NewDecoder(response.Body).Decode(&into)
			})
		})
		b.Run("vpsapi/"+name, func(b *testing.B) {
			reader := newReader(b, server.URL)
			inParallel(b, parallel, func(id vpsapi.ID) error {
				_, err := reader.GetServer(b.Context(), id)
				return err
			})
		})
	}
}

// inParallel calls with an id for each goroutine.
func inParallel(b *testing.B, n int, call func(vpsapi.ID) error) {
	b.Helper()
	b.ReportAllocs()
	if n == 1 {
		for b.Loop() {
			if err := call(number(1)); err != nil {
				b.Fatal(err)
			}
		}
		return
	}
	var next atomic.Int64
	b.SetParallelism(max(n/runtime.GOMAXPROCS(0), 1))
	b.RunParallel(func(pb *testing.PB) {
		id := number(next.Add(1))
		for pb.Next() {
			if err := call(id); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// BenchmarkFinder finds a name among 10,000 servers: within a burst, and with a list of its own for each.
func BenchmarkFinder(b *testing.B) {
	server := httptest.NewServer(sandbox.New(sandbox.Options{Servers: 10_000, Token: canary}))
	b.Cleanup(server.Close)
	find := func(b *testing.B, opts vpsapi.FindOptions) {
		reader := newReader(b, server.URL+sandbox.BasePath)
		finder := vpsapi.NewFinder(reader)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := finder.Find(b.Context(), "db-server-01", opts); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("burst", func(b *testing.B) { find(b, vpsapi.FindOptions{}) })
	b.Run("fresh", func(b *testing.B) { find(b, vpsapi.FindOptions{Fresh: true}) })
}

// BenchmarkFinderMemory reports what an index of 100,000 servers holds.
func BenchmarkFinderMemory(b *testing.B) {
	server := httptest.NewServer(sandbox.New(sandbox.Options{Servers: 100_000, Token: canary}))
	b.Cleanup(server.Close)
	reader := newReader(b, server.URL+sandbox.BasePath)
	for b.Loop() {
		finder := vpsapi.NewFinder(reader)
		before := heap()
		if _, err := finder.Rows(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(heap()-before)/(1<<20), "MB")
		runtime.KeepAlive(finder)
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
