package vpsapi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vpsops/vpsapi"
	"vpsops/vpsapi/sandbox"
)

// fleet is a list of servers that a test changes, as an API that doesn't page.
type fleet struct {
	mu    sync.Mutex
	rows  []string
	lists int
	delay time.Duration
}

func (f *fleet) add(id, name, hostname, address string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rows = append(f.rows, fmt.Sprintf(`{"id":%s,"name":%q,"hostname":%q,"ip_address":%q,"status":"active","location":"us-west"}`, id, name, hostname, address))
}

func (f *fleet) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	f.mu.Lock()
	f.lists++
	body := fmt.Sprintf(`{"count":%d,"results":[%s]}`, len(f.rows), strings.Join(f.rows, ","))
	f.mu.Unlock()
	time.Sleep(f.delay)
	_, _ = io.WriteString(w, body)
}

func newFleet() *fleet {
	f := &fleet{}
	f.add("1", "web-01", "web01.example.com", "203.0.113.1")
	f.add("2", "web-02", "web02.example.com", "203.0.113.2")
	f.add("3", "twin", "a.example.com", "203.0.113.3")
	f.add("4", "twin", "b.example.com", "")
	f.add("5", "6", "five.example.com", "")
	f.add("6", "six", "web-01.internal", "")
	f.add("7", "203.0.113.1", "", "")
	f.add("8", "six.example.com", "six.example.com", "")
	f.add(`"6f9619ff-8b86-d011-b42d-00c04fc964ff"`, "uuid", "", "")
	return f
}

func TestAServerIsFoundByWhatPeopleCallIt(t *testing.T) {
	finder := vpsapi.NewFinder(newReader(t, serve(t, newFleet().ServeHTTP)))
	for ref, want := range map[string]string{
		"1": "1", "web-01": "1", "web02.example.com": "2", "203.0.113.2": "2", "six": "6", "six.example.com": "8",
		"6f9619ff-8b86-d011-b42d-00c04fc964ff": "6f9619ff-8b86-d011-b42d-00c04fc964ff",
	} {
		id, err := finder.Find(t.Context(), ref, vpsapi.FindOptions{})
		if err != nil || id.String() != want {
			t.Errorf("%q is %s, want %s: %v", ref, id, want, err)
		}
	}
}

func TestTwoMatchesAreNoMatch(t *testing.T) {
	finder := vpsapi.NewFinder(newReader(t, serve(t, newFleet().ServeHTTP)))
	for ref, want := range map[string]string{
		"twin":        "3 4", // one name
		"6":           "5 6", // a name that is another's id
		"203.0.113.1": "1 7", // a name that is another's address
	} {
		id, err := finder.Find(t.Context(), ref, vpsapi.FindOptions{})
		ambiguous, ok := errors.AsType[*vpsapi.AmbiguousError](err)
		if !ok || !id.IsZero() {
			t.Errorf("%q is %s: %v", ref, id, err)
			continue
		}
		var ids []string
		for _, candidate := range ambiguous.Candidates {
			ids = append(ids, candidate.ID.String())
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%q: candidates %s, want %s", ref, got, want)
		}
	}
}

func TestNearMissesAreSuggestedAndNeverTaken(t *testing.T) {
	finder := vpsapi.NewFinder(newReader(t, serve(t, newFleet().ServeHTTP)))
	for ref, want := range map[string]string{
		"web-1": "web-01", "Web-02": "web-02", "WEB01.example.com": "web-01", "web_01": "web-01", "web-0": "web-01", "twim": "twin",
		" web-01": "web-01", "web-01 ": "web-01", "zzzzzzzz": "", "": "", "01.0": "", "\u202e": "", strings.Repeat("İ", 500): "",
		"web\u201101": "web-01", "ｗｅｂ－０２": "web-02", "web\u221201": "web-01",
	} {
		id, err := finder.Find(t.Context(), ref, vpsapi.FindOptions{})
		missing, ok := errors.AsType[*vpsapi.NotFoundError](err)
		if !ok || !id.IsZero() || !errors.Is(err, vpsapi.ErrNotFound) || len(missing.Suggestions) > 5 {
			t.Errorf("%q is %s: %v", ref, id, err)
			continue
		}
		first := ""
		if len(missing.Suggestions) > 0 {
			first = missing.Suggestions[0].Name
		}
		if first != want || strings.Contains(err.Error(), "\u202e") {
			t.Errorf("%q: suggested %q, want %q: %v", ref, first, want, err)
		}
	}
}

func TestAKnownIDNeedsNoList(t *testing.T) {
	fleet := newFleet()
	finder := vpsapi.NewFinder(newReader(t, serve(t, fleet.ServeHTTP)))
	id, err := finder.Find(t.Context(), "6", vpsapi.FindOptions{KnownID: true})
	if err != nil || id != number(6) || fleet.lists != 0 {
		t.Fatalf("%s after %d lists: %v", id, fleet.lists, err)
	}
	if _, err := finder.Find(t.Context(), "6/reboot", vpsapi.FindOptions{KnownID: true}); !is[*vpsapi.InvalidIDError](err) {
		t.Fatal(err)
	}
}

// findMany finds web-01 for n callers at once.
func findMany(t *testing.T, finder *vpsapi.Finder, n int, opts vpsapi.FindOptions) {
	t.Helper()
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			if id, err := finder.Find(t.Context(), "web-01", opts); err != nil || id != number(1) {
				t.Errorf("%s: %v", id, err)
			}
		})
	}
	wg.Wait()
}

func TestABurstReadsOneList(t *testing.T) {
	fleet := newFleet()
	fleet.delay = time.Second
	shared(t, fleet, func(t *testing.T, reader *vpsapi.Reader) {
		finder := vpsapi.NewFinder(reader)
		findMany(t, finder, 100, vpsapi.FindOptions{})
		findMany(t, finder, 100, vpsapi.FindOptions{})
		if fleet.lists != 1 {
			t.Errorf("%d lists for a burst", fleet.lists)
		}
		time.Sleep(vpsapi.DefaultFinderTTL)
		findMany(t, finder, 100, vpsapi.FindOptions{})
		if fleet.lists != 2 {
			t.Errorf("%d lists for two bursts", fleet.lists)
		}
	})
}

func TestAListThatTakesLongIsKeptAsLong(t *testing.T) {
	fleet := newFleet()
	fleet.delay = 5 * vpsapi.DefaultFinderTTL
	shared(t, fleet, func(t *testing.T, reader *vpsapi.Reader) {
		finder := vpsapi.NewFinder(reader)
		findMany(t, finder, 1, vpsapi.FindOptions{})
		time.Sleep(fleet.delay - time.Millisecond)
		findMany(t, finder, 1, vpsapi.FindOptions{})
		if fleet.lists != 1 {
			t.Errorf("%d lists while one is kept", fleet.lists)
		}
		time.Sleep(2 * time.Millisecond)
		findMany(t, finder, 1, vpsapi.FindOptions{})
		if fleet.lists != 2 {
			t.Errorf("%d lists after its time", fleet.lists)
		}
	})
}

func TestAFreshFindTakesAListBegunAfterIt(t *testing.T) {
	fleet := newFleet()
	fleet.delay = time.Second
	shared(t, fleet, func(t *testing.T, reader *vpsapi.Reader) {
		finder := vpsapi.NewFinder(reader)
		findMany(t, finder, 1, vpsapi.FindOptions{})
		go findMany(t, finder, 1, vpsapi.FindOptions{Fresh: true}) // a list is on its way
		synctest.Wait()
		fleet.add("99", "web-01", "", "") // and too late for it
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if _, err := finder.Find(t.Context(), "web-01", vpsapi.FindOptions{Fresh: true}); !is[*vpsapi.AmbiguousError](err) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if fleet.lists != 3 {
			t.Errorf("%d lists", fleet.lists)
		}
	})
}

func TestAServerMadeAMomentAgoIsFound(t *testing.T) {
	fleet := newFleet()
	finder := vpsapi.NewFinder(newReader(t, serve(t, fleet.ServeHTTP)), vpsapi.WithFinderTTL(time.Hour))
	findMany(t, finder, 1, vpsapi.FindOptions{})
	fleet.add("99", "brand-new", "", "")
	id, err := finder.Find(t.Context(), "brand-new", vpsapi.FindOptions{})
	if err != nil || id != number(99) || fleet.lists != 2 {
		t.Fatalf("%s after %d lists: %v", id, fleet.lists, err)
	}
}

func TestACancelledFindFailsNobodyElse(t *testing.T) {
	fleet := newFleet()
	fleet.delay = time.Second
	shared(t, fleet, func(t *testing.T, reader *vpsapi.Reader) {
		finder := vpsapi.NewFinder(reader)
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := finder.Find(ctx, "web-01", vpsapi.FindOptions{}); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		})
		synctest.Wait()
		wg.Go(func() { findMany(t, finder, 3, vpsapi.FindOptions{}) })
		wg.Wait()
	})
}

func TestTheFindersErrorsAreTheLists(t *testing.T) {
	finder := vpsapi.NewFinder(newReader(t, answer(t, 401, "")))
	if _, err := finder.Find(t.Context(), "web-01", vpsapi.FindOptions{}); !errors.Is(err, vpsapi.ErrUnauthorized) {
		t.Fatal(err)
	}
}

func TestRowsAreWhatTheListShows(t *testing.T) {
	api := newAccount(t, sandbox.Options{Servers: 130})
	rows, err := vpsapi.NewFinder(newReader(t, api.url)).Rows(t.Context())
	if err != nil || len(rows) != 130 {
		t.Fatalf("%d rows: %v", len(rows), err)
	}
	if first := rows[0]; first.Name != "web-server-01" || first.IPAddress != "203.0.113.10" || first.Status != "active" || first.Location != "us-west" {
		t.Fatalf("%+v", first)
	}
}
