package web_test

import (
	"flag"
	"io"
	"net/http"
	"testing"

	"vpsops/internal/web/webtest"
)

var pastRequests = flag.Int("past", 1000, "how many requests the ledger of a benchmark holds from before")

// BenchmarkPage has a browser read each page from the request to the last byte,
// on a ledger with a long past.
func BenchmarkPage(b *testing.B) {
	w := webtest.New(b, webtest.Options{Ledger: openLedger(b)})
	w.AskReboot("ana")
	pattern := w.Own("ana")[0].Request
	for from := 0; from < *pastRequests; from += 1000 {
		addPast(b, w.Ledger, pattern, from, min(from+1000, *pastRequests))
	}
	waiting := w.AskDelete("ana")
	for name, path := range map[string]string{
		"List": "/requests", "Waiting": "/requests/" + waiting, "Ended": "/requests/req_past7", "Servers": "/servers", "Server": "/servers/12345", "Policy": "/policy",
		"Audit": "/audit", "AuditOfPerson": "/audit?person=ana", "AuditOfServer": "/audit?server=12345", "AuditOfRequest": "/audit?request=req_past7",
		"AuditOfNobody": "/audit?person=nobody",
	} {
		b.Run(name, func(b *testing.B) { benchPage(b, w, path) })
	}
}

func benchPage(b *testing.B, w *webtest.World, path string) {
	for b.Loop() {
		r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, w.Server.URL+path, nil)
		if err != nil {
			b.Fatal(err)
		}
		r.Host = w.Origin[len("http://"):]
		r.Header.Set(webtest.IdentityHeader, "local ana")
		res, err := w.Server.Client().Do(r)
		if err != nil {
			b.Fatal(err)
		}
		if _, err = io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != http.StatusOK {
			b.Fatal(res.StatusCode, err)
		}
		res.Body.Close()
	}
}
