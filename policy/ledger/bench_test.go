package ledger_test

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vpsops/policy/ledger"
	"vpsops/policy/ledger/ledgertest"
)

// fill writes past requests with ten audit rows each, a thousand in a
// transaction.
func fill(b *testing.B, l ledger.Ledger, requests int) {
	b.Helper()
	const atOnce = 1000
	for from := 0; from < requests; from += atOnce {
		write(b, l, func(tx ledger.Tx) error {
			for i := from; i < min(from+atOnce, requests); i++ {
				r := newStory(b, nil, fmt.Sprintf("req_past%d", i)).request()
				r.ServerID = fmt.Sprint(i % 7)
				if err := ledgertest.InsertPast(tx, r, "ana", "ben", "cy"); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// maintain does what PostgreSQL does by itself in a few minutes' time: forget
// what was overwritten, count what there is, and write it where it belongs.
func maintain(b *testing.B, dsn string) {
	b.Helper()
	if !strings.HasPrefix(dsn, "postgres") {
		return
	}
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	for _, task := range []string{"VACUUM ANALYZE", "CHECKPOINT"} {
		if _, err := db.ExecContext(b.Context(), task); err != nil {
			b.Fatal(err)
		}
	}
}

// discard is for stories whose errors are returned.
type discard struct{ testing.TB }

// The four writes of a request's way.

func benchAsk(l ledger.Ledger, id string) error {
	s := newStory(discard{}, l, id)
	return l.Write(context.Background(), func(tx ledger.Tx) error {
		if err := tx.Insert(s.request()); err != nil {
			return err
		}
		return tx.Audit(s.event("ask", "ana", "pending delete 12345"))
	})
}

func benchVote(l ledger.Ledger, id string) error {
	s := newStory(discard{}, l, id)
	return l.Write(context.Background(), func(tx ledger.Tx) error {
		r, err := tx.Request(id)
		if err != nil {
			return err
		}
		v := ledger.Vote{RequestID: id, Person: "ben", Front: "page", Factor: 2, Approve: true, Digest: r.Digest, At: epoch}
		if err := tx.AddVote(v); err != nil {
			return err
		}
		if err := tx.Audit(s.event("vote", "ben", "approve by factor person")); err != nil {
			return err
		}
		if _, err := tx.Votes(id); err != nil {
			return err
		}
		r.State, r.ApprovedAt = ledger.Approved, epoch
		if _, err := tx.Update(r); err != nil {
			return err
		}
		return tx.Audit(s.event("state", "", "approved: has the votes it needs"))
	})
}

func benchClaim(l ledger.Ledger, id string) error {
	s := newStory(discard{}, l, id)
	return l.Write(context.Background(), func(tx ledger.Tx) error {
		r, err := tx.Request(id)
		if err != nil {
			return err
		}
		if _, err := tx.Votes(id); err != nil {
			return err
		}
		if _, err := tx.Holds(epoch); err != nil {
			return err
		}
		if _, _, err := tx.Used("bench", epoch.Add(time.Hour)); err != nil {
			return err
		}
		if err := tx.AddUse(ledger.Use{Key: "bench", RequestID: id, Count: 1, At: epoch}); err != nil {
			return err
		}
		r.State, r.Fence, r.LeaseUntil = ledger.Executing, "fence", epoch
		if _, err := tx.Update(r); err != nil {
			return err
		}
		return tx.Audit(s.event("claim", "", "executing: claimed"))
	})
}

func benchOutcome(l ledger.Ledger, id string) error {
	s := newStory(discard{}, l, id)
	return l.Write(context.Background(), func(tx ledger.Tx) error {
		r, err := tx.Request(id)
		if err != nil {
			return err
		}
		r.State, r.Message, r.EndedAt = ledger.Succeeded, "the API took it", epoch
		if _, err := tx.Update(r); err != nil {
			return err
		}
		return tx.Audit(s.event("outcome", "", "succeeded: the API took it"))
	})
}

// BenchmarkWay is one request's way, ask to outcome, beside the same statements
// on the bare driver.
func BenchmarkWay(b *testing.B) {
	for name, newStore := range stores {
		b.Run(name+"/ledger", func(b *testing.B) {
			l := openAt(b, newStore(b), ledger.Options{Key: key})
			for i := 0; b.Loop(); i++ {
				for _, step := range []func(ledger.Ledger, string) error{benchAsk, benchVote, benchClaim, benchOutcome} {
					if err := step(l, rowID(i)); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "ways/s")
		})
		b.Run(name+"/bare", func(b *testing.B) {
			dsn := newStore(b)
			openAt(b, dsn, ledger.Options{})
			db := openBare(b, dsn)
			for i := 0; b.Loop(); i++ {
				for _, step := range []func(string) error{db.ask, db.vote, db.claim, db.outcome} {
					if err := step(rowID(i)); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "ways/s")
		})
	}
}

// BenchmarkClaims has 32 claim at once, and reports the slowest of a hundred.
func BenchmarkClaims(b *testing.B) {
	for name, newStore := range stores {
		b.Run(name, func(b *testing.B) {
			l := openAt(b, newStore(b), ledger.Options{Key: key})
			for i := range b.N {
				if err := benchAsk(l, rowID(i)); err != nil {
					b.Fatal(err)
				}
				if err := benchVote(l, rowID(i)); err != nil {
					b.Fatal(err)
				}
			}
			took := make([]time.Duration, b.N)
			var next atomic.Int64
			var all sync.WaitGroup
			b.ResetTimer()
			for range 32 {
				all.Go(func() {
					for i := next.Add(1) - 1; i < int64(b.N); i = next.Add(1) - 1 {
						start := time.Now()
						if err := benchClaim(l, rowID(int(i))); err != nil {
							b.Error(err)
						}
						took[i] = time.Since(start)
					}
				})
			}
			all.Wait()
			b.StopTimer()
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100])/1e6, "p99-ms")
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "claims/s")
		})
	}
}

var pastRequests = flag.Int("past", 15_000, "how many requests BenchmarkGrowth has behind it, each with 7 audit rows")

// BenchmarkGrowth is what must cost the same however much is kept. Each read is
// made on a ledger with little behind it and on one with much, in turns, so that
// whatever else the machine does meets both.
func BenchmarkGrowth(b *testing.B) {
	for name, newStore := range stores {
		b.Run(name, func(b *testing.B) {
			young, old := aged(b, newStore(b), 150), aged(b, newStore(b), *pastRequests)
			for read, fn := range growingReads {
				b.Run(read, func(b *testing.B) {
					inTurns(b, func(l ledger.Ledger, _ int) (time.Duration, error) {
						start := time.Now()
						err := l.Read(context.Background(), fn)
						return time.Since(start), err
					}, young, old)
				})
			}
			claims := 0
			b.Run("claim", func(b *testing.B) {
				inTurns(b, func(l ledger.Ledger, i int) (time.Duration, error) {
					id := rowID(claims + i + 1)
					if err := errors.Join(benchAsk(l, id), benchVote(l, id)); err != nil {
						return 0, err
					}
					start := time.Now()
					err := benchClaim(l, id)
					return time.Since(start), err
				}, young, old)
				claims += b.N
			})
		})
	}
}

var growingReads = map[string]func(tx ledger.ReadTx) error{
	"list": func(tx ledger.ReadTx) error { _, err := tx.Requests(ledger.Filter{Limit: 50}); return err },
	"list of a person": func(tx ledger.ReadTx) error {
		_, err := tx.Requests(ledger.Filter{Person: "ana", Limit: 50})
		return err
	},
	"open": func(tx ledger.ReadTx) error {
		_, err := tx.Requests(ledger.Filter{Person: "ana", Front: "mcp", States: []ledger.State{ledger.Pending, ledger.Approved}})
		return err
	},
	"cooling": func(tx ledger.ReadTx) error {
		_, err := tx.Requests(ledger.Filter{Person: "ana", Intent: "intent of req_1", States: []ledger.State{ledger.Denied}, EndedSince: epoch})
		return err
	},
	"server": func(tx ledger.ReadTx) error {
		_, err := tx.Requests(ledger.Filter{ServerID: "3", Limit: 20})
		return err
	},
	"tail": func(tx ledger.ReadTx) error { _, err := tx.Events(50); return err },
	"server tail": func(tx ledger.ReadTx) error {
		_, err := tx.Trail(ledger.EventFilter{RequestID: "req_past7"})
		return err
	},
}

// aged returns a ledger that has so many requests behind it.
func aged(b *testing.B, dsn string, requests int) ledger.Ledger {
	b.Helper()
	l := openAt(b, dsn, ledger.Options{Key: key})
	fill(b, l, requests)
	maintain(b, dsn)
	return l
}

// inTurns does the same to a young ledger and to an old one, b.N times each, and
// reports what half of the times stay under, and how much more it is where much
// is kept. what returns how long the part took that is measured.
func inTurns(b *testing.B, what func(l ledger.Ledger, i int) (time.Duration, error), young, old ledger.Ledger) {
	b.Helper()
	took := map[ledger.Ledger][]time.Duration{}
	for i := range b.N {
		for _, l := range []ledger.Ledger{young, old} {
			one, err := what(l, i)
			if err != nil {
				b.Fatal(err)
			}
			took[l] = append(took[l], one)
		}
	}
	half := func(l ledger.Ledger) float64 {
		slices.Sort(took[l])
		return took[l][b.N/2].Seconds() * 1000
	}
	b.ReportMetric(half(young), "young-ms")
	b.ReportMetric(half(old), "old-ms")
	b.ReportMetric(half(old)/half(young), "growth")
	b.ReportMetric(0, "ns/op") // of both together: says nothing
}

func BenchmarkVerify(b *testing.B) {
	for name, newStore := range stores {
		b.Run(name, func(b *testing.B) {
			l := openAt(b, newStore(b), ledger.Options{Key: key})
			fill(b, l, 10_000)
			runtime.GC()
			var rows int64
			for b.Loop() {
				r := verify(b, l, ledger.VerifyOptions{})
				mustHold(b, r)
				rows += r.Rows
			}
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// BenchmarkOpen opens a ledger that exists.
func BenchmarkOpen(b *testing.B) {
	for name, newStore := range stores {
		b.Run(name, func(b *testing.B) {
			dsn := newStore(b)
			openAt(b, dsn, ledger.Options{})
			for b.Loop() {
				l, err := ledger.Open(context.Background(), dsn, ledger.Options{})
				if err != nil {
					b.Fatal(err)
				}
				if err := l.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
