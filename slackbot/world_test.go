package slackbot_test

import (
	"bytes"
	"context"
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

	"github.com/slack-go/slack"

	"vpsops/internal/leaktest"
	"vpsops/internal/memnet"
	"vpsops/internal/seal"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/slackbot"
	"vpsops/slackbot/delivery"
	"vpsops/slackbot/fakeslack"
	"vpsops/slackbot/socket"
	"vpsops/slackbot/webhook"
	"vpsops/vpsapi"
	"vpsops/vpsapi/sandbox"
)

func TestMain(m *testing.M) { os.Exit(leaktest.Run(m)) }

// Who and where.
const (
	team      = "T024BE7LD"
	otherTeam = "T0OTHER"

	ana, ben, cy = "U0ANA", "U0BEN", "U0CY"
	bensOther    = "U0BEN2" // of the other workspace, which is served too
	stranger     = "U0STRANGER"

	incidents, approvals, auditRoom = "C0INCIDENTS", "C0APPROVALS", "C0AUDIT"
)

// The specification's servers, both active, and the API's secret.
const (
	web, webID = "web-server-01", "12345"
	db, dbID   = "db-server-01", "12346"
	canary     = "vps_canary_5c2d1e"
)

// world is a bot with everything around it, in a bubble of its own time: Slack
// and the API are simulated, behind networks in memory.
type world struct {
	*testing.T
	slack   *fakeslack.Slack
	sandbox *sandbox.Sandbox
	ledger  *breakable
	policy  atomic.Pointer[policy.Policy]
	first   *instance
	logged  *lockedBuffer
	sockets bool

	connected []*instance // by Socket Mode
}

// instance is one process that runs the bot.
type instance struct {
	w    *world
	gate *gate.Gate
	bot  *slackbot.Bot
	life *life
	http *http.Client
	stop context.CancelFunc
	done chan struct{}

	groups     *slackbot.Usergroups // nil where the policy in force has none
	disconnect func()               // nil where it has no Socket Mode connection
}

type settings struct {
	slack    fakeslack.Options
	sandbox  sandbox.Options
	bot      func(*slackbot.Config)
	policy   func(*policy.Document)
	readOnly bool
	sockets  bool // Slack delivers by Socket Mode
	onlyHTTP bool
	groups   bool // the policy in force has the members of Slack's user groups
	accounts func(*world) []gate.Account
}

func (s *settings) accountsOf(w *world) []gate.Account {
	if s.accounts != nil {
		return s.accounts(w)
	}
	return []gate.Account{w.newAccount()}
}

type setting func(*settings)

func withPolicy(change func(*policy.Document)) setting {
	return func(s *settings) { s.policy = change }
}

func withBot(change func(*slackbot.Config)) setting { return func(s *settings) { s.bot = change } }

func readOnly(s *settings) { s.readOnly = true }

// byHTTP leaves Socket Mode out: what a story does there is not possible.
func byHTTP(s *settings) { s.onlyHTTP = true }

// inWorld runs a test over each transport, in a world with one instance. No
// goroutine may outlive it: the bubble sees to that.
func inWorld(t *testing.T, test func(w *world), with ...setting) {
	t.Helper()
	var s settings
	for _, set := range with {
		set(&s)
	}
	t.Run("http", func(t *testing.T) { inWorldBy(t, false, test, with) })
	if !s.onlyHTTP {
		t.Run("socket", func(t *testing.T) { inWorldBy(t, true, test, with) })
	}
}

func inWorldBy(t *testing.T, sockets bool, test func(w *world), with []setting) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := settings{sockets: sockets, slack: fakeslack.Options{Memory: true, Patience: 2 * time.Hour}, sandbox: sandbox.Options{Token: canary, Speed: 1}}
		for _, set := range with {
			set(&s)
		}
		w := &world{T: t, sockets: s.sockets, sandbox: sandbox.New(s.sandbox), ledger: &breakable{Ledger: ledger.NewMemory()}, logged: &lockedBuffer{}}
		w.setPolicy(s.policy)
		w.openSlack(s.slack)
		w.first = w.newInstance(s)
		w.first.listens()
		test(w)
		w.first.end()
		w.noCanary()
	})
}

func (w *world) openSlack(opts fakeslack.Options) {
	s, err := fakeslack.Start(opts)
	if err != nil {
		w.Fatal(err)
	}
	w.slack = s
	w.Cleanup(func() {
		if err := s.Close(); err != nil {
			w.Error(err)
		}
	})
	s.AddUser(
		fakeslack.User{ID: ana, Name: "ana"}, fakeslack.User{ID: ben, Name: "ben"}, fakeslack.User{ID: cy, Name: "cy"},
		fakeslack.User{ID: bensOther, Name: "ben", Team: otherTeam}, fakeslack.User{ID: stranger, Name: "mallory"},
	)
	everybody := []string{ana, ben, cy, bensOther, stranger, s.App().BotUser}
	for _, id := range []string{incidents, approvals, auditRoom} {
		s.AddChannel(fakeslack.Channel{ID: id, Members: everybody})
	}
}

// newInstance is another process on the same ledger.
func (w *world) newInstance(s settings) *instance {
	w.Helper()
	i := &instance{w: w, life: &life{}, http: w.slack.Client()}
	i.http.Timeout = 10 * time.Second
	i.http.Transport = mortalTransport{i.http.Transport, i.life}
	logger := slog.New(slog.NewTextHandler(w.logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	app := w.slack.App()
	api := slack.New(app.BotToken, slack.OptionAPIURL(w.slack.URL()), slack.OptionHTTPClient(i.http))
	inForce := w.policy.Load
	if s.groups {
		i.groups = slackbot.NewUsergroups(api, w.policy.Load, logger)
		inForce = i.groups.Policy
	}
	i.gate = gate.New(gate.Config{
		Ledger: mortalLedger{w.ledger, i.life}, Policy: inForce, Accounts: s.accountsOf(w),
		Key: seal.NewKey([32]byte{1}), ReadOnly: s.readOnly, Logger: logger,
	})
	c := slackbot.Config{
		Ballot: i.gate.Ballot(), Key: seal.NewKey([32]byte{1}), API: api, Usergroups: i.groups,
		HTTP: i.http, APIOrigin: strings.TrimSuffix(w.slack.URL(), "/api/"),
		Teams: []string{team, otherTeam}, Approvals: approvals, Audit: auditRoom, Logger: logger,
	}
	if s.bot != nil {
		s.bot(&c)
	}
	i.bot = slackbot.New(c)
	ctx, cancel := context.WithCancel(w.Context())
	i.stop, i.done = cancel, make(chan struct{})
	go func() {
		defer close(i.done)
		if err := i.bot.Run(ctx); err != nil {
			w.Errorf("the bot ended: %v", err)
		}
	}()
	return i
}

func (i *instance) handler() http.Handler {
	h, err := webhook.New(webhook.Config{
		SigningSecrets: []string{i.w.slack.App().SigningSecret}, Handler: i.bot,
		Accept:  delivery.Accept{Apps: []string{i.w.slack.App().ID}, Teams: []string{team, otherTeam}},
		Refused: i.gate.Ballot().DeliveryRefused,
	})
	if err != nil {
		i.w.Fatal(err)
	}
	return h
}

// listen makes the instances those that Slack delivers to, in turn.
func (w *world) listen(instances ...*instance) {
	w.Helper()
	if !w.sockets {
		var handlers []http.Handler
		for _, i := range instances {
			handlers = append(handlers, i.handler())
		}
		w.slack.DeliverToHandler(handlers...)
		return
	}
	for _, i := range w.connected {
		if !slices.Contains(instances, i) {
			i.disconnects()
		}
	}
	for _, i := range instances {
		i.connect()
	}
	w.connected = instances
	if err := w.slack.AwaitConnections(w.Context(), len(instances)); err != nil {
		w.Fatal(err)
	}
}

// listens makes the instance the one that Slack delivers to.
func (i *instance) listens() {
	i.w.Helper()
	i.w.listen(i)
}

// connect opens a Socket Mode connection that lasts as long as the instance.
func (i *instance) connect() {
	if i.disconnect != nil {
		return
	}
	app := i.w.slack.App()
	client, err := socket.New(socket.Config{
		AppToken: app.AppToken, APIURL: i.w.slack.URL(), Handler: i.bot, Connections: 1,
		Accept:  delivery.Accept{Apps: []string{app.ID}, Teams: []string{team, otherTeam}},
		Refused: i.gate.Ballot().DeliveryRefused, HTTPClient: i.http, DialContext: i.w.slack.DialContext,
	})
	if err != nil {
		i.w.Fatal(err)
	}
	ctx, cancel := context.WithCancel(i.w.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := client.Run(ctx); err != nil {
			i.w.Errorf("Socket Mode ended: %v", err)
		}
	}()
	i.disconnect = func() { cancel(); <-ended }
}

func (i *instance) disconnects() {
	if i.disconnect != nil {
		i.disconnect()
		i.disconnect = nil
	}
}

// end shuts the instance down, as SIGTERM does.
func (i *instance) end() {
	i.disconnects()
	i.stop()
	<-i.done
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	if err := i.gate.Close(ctx); err != nil {
		i.w.Errorf("the gate did not close: %v", err)
	}
	i.http.CloseIdleConnections()
}

func (w *world) newAccount() gate.Account {
	network := w.serve(w.sandbox)
	options := []vpsapi.Option{
		vpsapi.WithBaseURL("http://127.0.0.1:8322/api/v1"),
		vpsapi.WithTransport(&http.Transport{DialContext: network.DialContext}),
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
	return gate.Account{Name: "main", Fingerprint: "account-1", Reader: reader, Writer: writer, Finder: vpsapi.NewFinder(reader, vpsapi.WithFinderTTL(0))}
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

// document is the policy that tests begin with.
func document() policy.Document {
	person := func(local string, users ...string) policy.Person {
		return policy.Person{Local: []string{local}, Slack: users}
	}
	return policy.Document{
		Version: 1,
		People: map[string]policy.Person{
			"ana": person("ana", team+"/"+ana), "ben": person("ben", team+"/"+ben, otherTeam+"/"+bensOther), "cy": person("cy", team+"/"+cy),
		},
		Groups:     map[string]policy.Group{"ops": {People: []string{"ana", "ben", "cy"}}},
		ServerSets: map[string][]policy.ServerMatch{"prod": {{Name: []string{"db-*"}}}},
		Grants:     []policy.Grant{{ID: "ops", Who: []string{"ops"}, Actions: policy.Actions()}},
		Guards: []policy.Guard{
			{ID: "say-yes", Actions: []policy.Action{policy.Create, policy.Update, policy.Stop, policy.Reboot}, Require: &policy.Require{ConfirmAsker: true}},
			{ID: "delete", Actions: []policy.Action{policy.Delete}, Require: &policy.Require{ConfirmAsker: true, TypeName: true}},
			{ID: "prod-delete", Actions: []policy.Action{policy.Delete}, Servers: []string{"prod"}, Require: &policy.Require{Approve: 2, From: "ops"}},
		},
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
	w.policy.Store(p)
}

// as is a person at their Slack.
func (w *world) as(user string) *fakeslack.Person { return w.slack.As(w.T, user) }

// writes are the changing calls that the API received, as METHOD path.
func (w *world) writes() (calls []string) {
	for _, r := range w.sandbox.Requests() {
		if r.Method != http.MethodGet {
			calls = append(calls, r.Method+" "+strings.TrimPrefix(r.Path, sandbox.BasePath))
		}
	}
	return calls
}

// sent wants just these calls to have been sent.
func (w *world) sent(want ...string) {
	w.Helper()
	synctest.Wait()
	got := w.writes()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		w.Fatalf("the API was told %q, not %q", got, want)
	}
}

// misbehaves has the API do so.
func (w *world) misbehaves(plan ...sandbox.Fault) {
	w.Helper()
	if err := w.sandbox.SetFaults(plan); err != nil {
		w.Fatal(err)
	}
}

// card waits for the message in a channel that shows all these texts.
func (w *world) card(user, channel string, texts ...string) fakeslack.Message {
	w.Helper()
	return w.as(user).Awaits(channel, strings.Join(texts, " and "), func(m fakeslack.Message) bool {
		for _, text := range texts {
			if !m.Shows(text) {
				return false
			}
		}
		return true
	})
}

// asksAsAssistant has an assistant of a person's ask for something.
func (w *world) asksAsAssistant(person string, op gate.Operation) gate.View {
	w.Helper()
	who := policy.Actor{Identity: policy.Identity{Kind: policy.LocalUser, ID: person}, Front: policy.MCP, Client: "Slack official"}
	v, err := w.first.gate.Desk().Ask(w.Context(), who, op)
	if err != nil {
		w.Fatal(err)
	}
	return v
}

func deletion(id, name, reason string) gate.Operation {
	return gate.Operation{Action: policy.Delete, Server: gate.Ref{Text: id, IsID: true}, Name: name, Reason: reason}
}

// noCanary wants the API's token to be nowhere where anybody can read it.
func (w *world) noCanary() {
	w.Helper()
	for _, m := range w.slack.AllMessages() {
		if strings.Contains(m.Text+string(m.Blocks), canary) {
			w.Error("a message holds the API token")
		}
	}
	if strings.Contains(w.logged.String(), canary) {
		w.Error("the log holds the API token")
	}
}

// breakable is a ledger that can be made to take nothing.
type breakable struct {
	ledger.Ledger
	broken atomic.Bool
	writes atomic.Int64
}

// Write implements ledger.Ledger.
func (b *breakable) Write(ctx context.Context, fn func(ledger.Tx) error) error {
	if b.broken.Load() {
		return &ledger.StoreError{Op: "write", Problem: ledger.ReadOnly}
	}
	b.writes.Add(1)
	return b.Ledger.Write(ctx, fn)
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
