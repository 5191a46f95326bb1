package gate_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"vpsops/internal/leaktest"
	"vpsops/internal/memnet"
	"vpsops/internal/seal"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
	"vpsops/vpsapi/sandbox"
)

func TestMain(m *testing.M) { os.Exit(leaktest.Run(m)) }

// The specification's servers, both active.
const (
	web = 12345 // web-server-01, us-west
	db  = 12346 // db-server-01, us-east
)

// canary is the API token: nothing that anybody can see may hold it.
const canary = "vps_canary_7f3a9c"

// world is a gate with everything around it, in a bubble of its own time: the
// API is the sandbox, behind a network in memory.
type world struct {
	*testing.T
	sandbox *sandbox.Sandbox
	ledger  ledger.Ledger
	gate    *gate.Gate
	desk    *gate.Desk
	ballot  *gate.Ballot
	pol     atomic.Pointer[policy.Policy]
	skew    atomic.Int64 // nanoseconds by which the gate's clock is ahead
	told    atomic.Bool  // the gate is told what the API's clock says
	account gate.Account
	logged  *lockedBuffer
}

// setting changes a world before it begins.
type setting func(*world, *gate.Config)

func withLedger(l ledger.Ledger) setting {
	return func(w *world, c *gate.Config) { w.ledger, c.Ledger = l, l }
}

func readOnly(_ *world, c *gate.Config) { c.ReadOnly = true }

func withPolicy(change func(*policy.Document)) setting {
	return func(w *world, _ *gate.Config) { w.setPolicy(change) }
}

// inWorld runs a test in a world. No goroutine of the gate's may outlive it:
// the bubble sees to that.
func inWorld(t *testing.T, test func(w *world), settings ...setting) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, sandbox: sandbox.New(sandbox.Options{Token: canary}), ledger: ledger.NewMemory(), logged: &lockedBuffer{}}
		w.setPolicy(nil)
		w.account = w.newAccount("main", "account-1", w.sandbox)
		w.gate = w.newGate(w.account, settings...)
		w.desk, w.ballot = w.gate.Desk(), w.gate.Ballot()
		test(w)
		w.close(w.gate)
		w.noCanary()
	})
}

func (w *world) newGate(a gate.Account, settings ...setting) *gate.Gate {
	c := gate.Config{
		Ledger:   w.ledger,
		Policy:   w.pol.Load,
		Accounts: []gate.Account{a},
		Key:      seal.NewKey([32]byte{1}),
		Now:      func() time.Time { return time.Now().Add(time.Duration(w.skew.Load())) },
		Logger:   slog.New(slog.NewTextHandler(w.logged, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, set := range settings {
		set(w, &c)
	}
	g := gate.New(c)
	w.Cleanup(func() { w.close(g) })
	return g
}

func (w *world) close(g *gate.Gate) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	if err := g.Close(ctx); err != nil {
		w.Errorf("the gate did not close: %v", err)
	}
}

// newAccount serves an API and makes clients of it.
func (w *world) newAccount(name, fingerprint string, api http.Handler) gate.Account {
	return w.newAccountAt("http://127.0.0.1:8322/api/v1", name, fingerprint, api)
}

// newAccountAt is newAccount under an address of its own.
func (w *world) newAccountAt(address, name, fingerprint string, api http.Handler) gate.Account {
	network := w.serve(api)
	options := []vpsapi.Option{
		vpsapi.WithObserver(func(_ context.Context, call vpsapi.CallInfo) {
			if w.told.Load() && !call.Date.IsZero() {
				w.gate.APITime(call.Date, call.Duration)
			}
		}),
		vpsapi.WithBaseURL(address),
		vpsapi.WithTransport(&http.Transport{DialContext: network.DialContext}),
		vpsapi.WithLogger(slog.New(slog.NewTextHandler(w.logged, &slog.HandlerOptions{Level: slog.LevelDebug}))),
	}
	reader, err := vpsapi.NewReader(vpsapi.NewToken(canary), options...)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(reader.CloseIdleConnections)
	writer, err := vpsapi.NewWriter(vpsapi.NewToken(canary), options...)
	if err != nil {
		w.Fatal(err)
	}
	return gate.Account{Name: name, Fingerprint: fingerprint, Reader: reader, Writer: writer, Finder: vpsapi.NewFinder(reader)}
}

// serve serves a handler on a network in memory, as long as the test lasts.
func (w *world) serve(h http.Handler) *memnet.Listener {
	l := memnet.Listen()
	server := &http.Server{Handler: h, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	served := make(chan struct{})
	go func() { defer close(served); _ = server.Serve(l) }()
	w.Cleanup(func() { _ = server.Close(); <-served })
	return l
}

// document is the policy that tests begin with: of four persons three may do
// everything; delete and rename want the person, the rest the asker's yes.
func document() policy.Document {
	person := func(name string) policy.Person {
		return policy.Person{Local: []string{name}, Slack: []string{"T1/" + strings.ToUpper(name)}}
	}
	return policy.Document{
		Version: 1,
		People:  map[string]policy.Person{"ana": person("ana"), "ben": person("ben"), "cy": person("cy"), "dee": person("dee")},
		Groups:  map[string]policy.Group{"ops": {People: []string{"ana", "ben", "cy"}}},
		Grants:  []policy.Grant{{ID: "ops", Who: []string{"ops"}, Actions: policy.Actions()}},
		Guards: []policy.Guard{
			{
				ID: "confirm", Actions: []policy.Action{policy.Create, policy.Update, policy.Stop, policy.Reboot},
				Require: &policy.Require{ConfirmAsker: true, Factor: policy.Client},
			},
			{ID: "delete", Actions: []policy.Action{policy.Delete}, Require: &policy.Require{ConfirmAsker: true, TypeName: true}},
		},
	}
}

// approvals makes a reboot want the approvals of n of ops.
func approvals(n int) func(*policy.Document) {
	return func(d *policy.Document) {
		d.Guards = append(d.Guards, policy.Guard{ID: "two-eyes", Actions: []policy.Action{policy.Reboot}, Require: &policy.Require{Approve: n, From: "ops"}})
	}
}

func (w *world) setPolicy(change func(*policy.Document)) {
	w.Helper()
	doc := document()
	if change != nil {
		change(&doc)
	}
	p, err := policy.New(doc)
	if err != nil {
		w.Fatal(err)
	}
	w.pol.Store(p)
}

func identity(name string) policy.Identity {
	return policy.Identity{Kind: policy.LocalUser, ID: name}
}

func actor(name string) policy.Actor {
	return policy.Actor{Identity: identity(name), Front: policy.MCP, Client: "an assistant"}
}

func voter(name string) gate.Voter {
	return gate.Voter{Identity: identity(name), Front: policy.Page, Factor: policy.PersonFactor}
}

func ref(id int64) gate.Ref { return gate.Ref{Text: fmt.Sprint(id)} }

func power(a policy.Action, id int64) gate.Operation {
	return gate.Operation{Action: a, Server: ref(id)}
}

// byID is power for who gave the server as an id and as nothing else.
func byID(a policy.Action, id int64) gate.Operation {
	return gate.Operation{Action: a, Server: gate.Ref{Text: fmt.Sprint(id), IsID: true}}
}

func deletion(id int64, name string) gate.Operation {
	return gate.Operation{Action: policy.Delete, Server: gate.Ref{Text: fmt.Sprint(id), IsID: true}, Name: name}
}

func creation(name string) gate.Operation {
	return gate.Operation{Action: policy.Create, Create: &vpsapi.CreateServerParams{
		Name: name, PlanID: vpsapi.NumberID(1), OSID: vpsapi.NumberID(6), Location: "us-west",
	}}
}

func hostname(id int64, name string) gate.Operation {
	return gate.Operation{Action: policy.Update, Server: ref(id), Update: &vpsapi.UpdateServerParams{Hostname: &name}}
}

func rename(id int64, name string) gate.Operation {
	return gate.Operation{Action: policy.Update, Server: ref(id), Update: &vpsapi.UpdateServerParams{Name: &name}}
}

func replacement(id int64, name, host string, backups bool) gate.Operation {
	return gate.Operation{Action: policy.Update, Replace: true, Server: ref(id), Update: &vpsapi.UpdateServerParams{Name: &name, Hostname: &host, BackupsEnabled: &backups}}
}

// ask asks as ana, and wants an answer.
func (w *world) ask(op gate.Operation) gate.View {
	w.Helper()
	return w.askAs(actor("ana"), op)
}

func (w *world) askAs(a policy.Actor, op gate.Operation) gate.View {
	w.Helper()
	v, err := w.desk.Ask(w.soon(), a, op)
	if err != nil {
		w.Fatalf("ask: %v", err)
	}
	return v
}

// soon is a context for what must not take for ever.
func (w *world) soon() context.Context {
	ctx, cancel := context.WithTimeout(w.Context(), 10*time.Minute)
	w.Cleanup(cancel)
	return ctx
}

func yes(v gate.View) gate.Verdict {
	return gate.Verdict{RequestID: v.ID, Digest: v.Digest, Approve: true, TypedName: v.Shown.Name(), Reason: "I know it"}
}

func no(v gate.View) gate.Verdict { return gate.Verdict{RequestID: v.ID, Digest: v.Digest} }

// approve votes for a request, and waits for what follows at once.
func (w *world) approve(name string, v gate.View) gate.View {
	w.Helper()
	after, err := w.ballot.Vote(w.soon(), voter(name), yes(v))
	if err != nil {
		w.Fatalf("vote of %s: %v", name, err)
	}
	return w.arrives(after)
}

// arrives waits until a request is neither approved nor executing.
func (w *world) arrives(v gate.View) gate.View {
	w.Helper()
	changed, stop := w.ledger.Watch(v.ID)
	defer stop()
	for {
		v = w.request(v.ID)
		if v.State != ledger.Approved && v.State != ledger.Executing {
			return v
		}
		select {
		case <-changed:
		case <-time.After(10 * time.Minute):
			w.Fatalf("the request is still %s", v.State)
		}
	}
}

// request reads a request on the page as its asker, who is ana in most tests, or as
// who may vote.
func (w *world) request(id string) gate.View {
	w.Helper()
	for _, name := range []string{"ana", "ben", "cy"} {
		v, err := w.desk.Request(context.Background(), onPage(name), id)
		if err == nil {
			return v
		}
	}
	w.Fatalf("nobody sees the request %s", id)
	return gate.View{}
}

// is holds a request to a state and an outcome.
func (w *world) is(v gate.View, state ledger.State, outcome gate.Outcome) {
	w.Helper()
	if v.State != state || v.Outcome != outcome {
		w.Errorf("%s is %s, %s (%s); want %s, %s", v.Action, v.State, v.Outcome, v.Request.Message, state, outcome)
	}
}

// writes is what the API received that is no read: the oracle.
func (w *world) writes() []sandbox.Request {
	return slices.DeleteFunc(w.sandbox.Requests(), func(r sandbox.Request) bool { return r.Method == http.MethodGet })
}

// sent holds the API to exactly these writes, as "METHOD path".
func (w *world) sent(want ...string) {
	w.Helper()
	var got []string
	for _, r := range w.writes() {
		got = append(got, r.Method+" "+strings.TrimPrefix(r.Path, sandbox.BasePath))
	}
	if !slices.Equal(got, want) {
		w.Errorf("the API received the writes %q, want %q", got, want)
	}
}

func (w *world) edit(id int64, change func(*sandbox.Server)) {
	w.Helper()
	if !w.sandbox.EditServer(id, change) {
		w.Fatalf("there is no server %d", id)
	}
}

func (w *world) faults(plan ...sandbox.Fault) {
	w.Helper()
	if err := w.sandbox.SetFaults(plan); err != nil {
		w.Fatal(err)
	}
}

func (w *world) events() (events []ledger.Event) {
	w.Helper()
	err := w.ledger.Read(context.Background(), func(tx ledger.ReadTx) (err error) {
		events, err = tx.Events(0)
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return events
}

// kinds are the kinds of the audit rows about a request, in order.
func (w *world) kinds(id string) (kinds []string) {
	w.Helper()
	for _, e := range w.events() {
		if e.RequestID == id {
			kinds = append(kinds, e.Kind)
		}
	}
	return kinds
}

func (w *world) audited(id string, want ...string) {
	w.Helper()
	if got := w.kinds(id); !slices.Equal(got, want) {
		w.Errorf("the audit rows are %q, want %q", got, want)
	}
}

// noCanary looks for the API token wherever anybody could see it.
func (w *world) noCanary() {
	w.Helper()
	seen := w.logged.String() + fmt.Sprintf("%+v %#v", w.account, w.gate.Config)
	if views, err := w.desk.Own(context.Background(), actor("ana"), 0); err == nil {
		for _, v := range views {
			seen += fmt.Sprintf("%+v %s %s %q", v, v.Message(), v.What(), v.NeedLines())
		}
	}
	_ = w.ledger.Read(context.Background(), func(tx ledger.ReadTx) error {
		events, err := tx.Events(0)
		seen += fmt.Sprintf("%+v", events)
		return err
	})
	if strings.Contains(seen, canary) {
		w.Error("the API token can be seen")
	}
}

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
