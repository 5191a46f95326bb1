package sandbox_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"testing"

	"vpsops/vpsapi/sandbox"
)

const many = 100_000

// The collector lets a heap double: 100 MB kept are 200 MB of the process'
// 300, and the rest is the log's bound.
func TestAHundredThousandServersStayUnder300MB(t *testing.T) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	sb := sandbox.New(sandbox.Options{Servers: many})
	runtime.ReadMemStats(&after)
	if got := (after.TotalAlloc - before.TotalAlloc) >> 20; got > 100 {
		t.Errorf("making them took %d MB", got)
	}
	for i := range 50 {
		serve(t, sb, fmt.Sprintf("/api/v1/servers/?status=active&page_size=100&page=%d", i+1))
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if got := (after.HeapAlloc - min(before.HeapAlloc, after.HeapAlloc)) >> 20; got > 100 {
		t.Errorf("they keep %d MB", got)
	}
	runtime.KeepAlive(sb)
}

func serve(t testing.TB, h http.Handler, path string) {
	t.Helper()
	req := httptest.NewRequest(http.MethodGet, path, nil)
	req.Header.Set("Authorization", "Bearer "+sandbox.DefaultToken)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	if w.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
}

func TestConcurrentUseIDsAndLogAgree(t *testing.T) {
	b := start(t, sandbox.Options{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				for _, req := range []*http.Request{
					b.request("POST", "/api/v1/servers/", web02),
					b.request("GET", "/api/v1/servers/?status=active", ""),
				} {
					res, err := b.client.Do(req)
					if err != nil {
						t.Error(err)
						return
					}
					res.Body.Close()
				}
			}
		})
	}
	wg.Wait()
	executed := 0
	for i, q := range b.Requests() {
		if q.Seq != int64(i)+1 {
			t.Fatalf("line %d has seq %d", i, q.Seq)
		}
		if q.Executed {
			executed++
		}
	}
	seen := map[int64]bool{}
	for _, sv := range b.Servers() {
		if seen[sv.ID] {
			t.Fatalf("id %d twice", sv.ID)
		}
		seen[sv.ID] = true
	}
	if executed != 160 || len(seen) != 166 {
		t.Errorf("%d executed, %d servers", executed, len(seen))
	}
}

func BenchmarkListPage(b *testing.B) {
	sb := sandbox.New(sandbox.Options{Servers: many})
	for name, path := range map[string]string{
		"all":      "/api/v1/servers/?page_size=100&page=500",
		"filtered": "/api/v1/servers/?page_size=100&page=5&status=stopped",
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				serve(b, sb, path)
			}
		})
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		sandbox.New(sandbox.Options{Servers: many})
	}
}
