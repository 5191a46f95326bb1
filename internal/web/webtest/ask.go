package webtest

import (
	"net/http"
	"time"

	"vpsops/internal/web"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

// The servers of every world.
const (
	WebServer = 12345 // web-server-01
	DBServer  = 12346 // db-server-01
)

// Actor is a person's assistant.
func Actor(person string) policy.Actor {
	return policy.Actor{Identity: policy.Identity{Kind: policy.LocalUser, ID: person}, Front: policy.MCP, Client: "Claude Code"}
}

// ServerID names a server by its id.
func ServerID(id string) gate.Ref { return gate.Ref{Text: id, IsID: true} }

// Ask asks as an assistant of that person would, and returns the id of the
// request that waits.
func (w *World) Ask(person string, op gate.Operation) string {
	w.Helper()
	v, err := w.Desk.Ask(w.Context(), Actor(person), op)
	if err != nil {
		w.Fatal(err)
	}
	if v.State != ledger.Pending {
		w.Fatalf("asked, and it is %s: %s", v.State, v.Message())
	}
	return v.ID
}

// AskDelete asks for what the asker confirms by typing the name.
func (w *World) AskDelete(person string) string {
	w.Helper()
	return w.Ask(person, gate.Operation{Action: policy.Delete, Server: ServerID("12345"), Name: "web-server-01", Reason: "not needed any more"})
}

// AskReboot asks for what two others must approve.
func (w *World) AskReboot(person string) string {
	w.Helper()
	return w.Ask(person, gate.Operation{Action: policy.Reboot, Server: ServerID("12346")})
}

// Ends waits until a request is in a state.
func (w *World) Ends(person, id string, want ledger.State) gate.View {
	w.Helper()
	v, err := w.Desk.Wait(w.Context(), Actor(person), id, 20*time.Second, nil)
	if err != nil || v.State != want {
		w.Fatalf("it is %s (%s), want %s; err %v", v.State, v.Message(), want, err)
	}
	return v
}

// Own are a person's newest requests.
func (w *World) Own(person string) []gate.View {
	w.Helper()
	own, err := w.Desk.Own(w.Context(), Actor(person), 100)
	if err != nil {
		w.Fatal(err)
	}
	return own
}

// State is where a request stands.
func (w *World) State(id string) (state ledger.State) {
	w.Helper()
	err := w.Ledger.Read(w.Context(), func(tx ledger.ReadTx) error {
		r, err := tx.Request(id)
		state = r.State
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return state
}

// Writes are the calls that reached the API and were no reads.
func (w *World) Writes() (lines []string) {
	for _, r := range w.API.Requests() {
		if r.Method != http.MethodGet {
			lines = append(lines, r.Method+" "+r.Path)
		}
	}
	return lines
}

// WantUntouched checks that a request still waits and nothing was sent.
func (w *World) WantUntouched(id string) {
	w.Helper()
	if sent := w.Writes(); len(sent) > 0 {
		w.Errorf("sent: %q", sent)
	}
	if got := w.State(id); got != ledger.Pending {
		w.Errorf("the request is %s", got)
	}
}

// Events counts the audit rows of a kind.
func (w *World) Events(kind string) (n int) {
	w.Helper()
	err := w.Ledger.Read(w.Context(), func(tx ledger.ReadTx) error {
		all, err := tx.Events(0)
		for _, e := range all {
			if e.Kind == kind {
				n++
			}
		}
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return n
}

// LoginURL is a fresh one-time link of a person.
func (w *World) LoginURL(person string) string {
	return web.LoginURL(w.Origin, Key, policy.Identity{Kind: policy.LocalUser, ID: person}, w.Clock.Now(), "/requests")
}
