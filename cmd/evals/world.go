package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"vpsops/internal/seal"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/tools"
	"vpsops/tools/mcphttp"
	"vpsops/vpsapi"
	"vpsops/vpsapi/sandbox"
)

// user is who sits at the assistant.
const user = "ana"

// world is the product with everything around it that a task needs, in this
// process: the simulated API, and people who vote.
type world struct {
	task   task
	api    *sandbox.Sandbox
	gate   *gate.Gate
	mcp    string // its address
	calls  counter
	people *people
	close  []func()
}

// newWorld makes a task's world. Where the client shows no dialogs, the user
// answers on the page.
func newWorld(t task, dialogs bool) (*world, error) {
	w := &world{task: t}
	if t.Speed == 0 {
		t.Speed = 1000
	}
	w.api = sandbox.New(sandbox.Options{Servers: 8, Speed: t.Speed, Credit: t.Credit})
	if err := w.prepare(); err != nil {
		return nil, err
	}
	api, err := w.serve(w.api)
	if err != nil {
		return nil, err
	}
	if err := w.open(api); err != nil {
		return nil, errors.Join(err, w.end())
	}
	if dialogs {
		// The reference is told that a request waits before anybody has voted.
		w.people = startPeople(w.gate, t.Votes, "", w.calls.answered)
	} else {
		w.people = startPeople(w.gate, t.Votes, t.Dialog, nil)
	}
	w.close = append(w.close, w.people.stop)
	return w, nil
}

// prepare makes the simulated API as the task wants it.
func (w *world) prepare() error {
	for _, e := range w.task.Servers {
		if !w.api.EditServer(e.ID, e.apply) {
			return errors.New("there is no such server to edit")
		}
	}
	var plan []sandbox.Fault
	for _, f := range w.task.Faults {
		made, err := f.forAPI()
		if err != nil {
			return err
		}
		plan = append(plan, made)
	}
	return w.api.SetFaults(plan)
}

func (w *world) open(api string) error {
	pol, err := policy.Local(user, user)
	if w.task.Policy != "" {
		pol, err = policy.Load("policy", []byte(w.task.Policy))
	}
	if err != nil {
		return err
	}
	account, err := accountAt(api + sandbox.BasePath)
	if err != nil {
		return err
	}
	w.gate = gate.New(gate.Config{
		Ledger: ledger.NewMemory(), Policy: func() *policy.Policy { return pol },
		Accounts: []gate.Account{account}, Key: seal.NewKey([32]byte{1}),
	})
	server := tools.New(tools.Config{
		Desk: w.gate.Desk(), Version: "evals",
		PageURL: func(id string) string { return "http://page.localhost/requests/" + id },
	})
	front := mcphttp.New(mcphttp.Config{
		MCP: server, AllowedHosts: []string{"127.0.0.1"}, Quiet: tools.Quiet,
		Authenticate: mcphttp.Local(policy.Identity{Kind: policy.LocalUser, ID: user}),
	})
	w.close = append(w.close, front.Close)
	w.mcp, err = w.serve(w.calls.counting(front))
	return err
}

func accountAt(api string) (gate.Account, error) {
	token := vpsapi.NewToken(sandbox.DefaultToken)
	options := []vpsapi.Option{vpsapi.WithBaseURL(api), vpsapi.WithBackoff(func(int) time.Duration { return 10 * time.Millisecond })}
	reader, err := vpsapi.NewReader(token, options...)
	if err != nil {
		return gate.Account{}, err
	}
	writer, err := vpsapi.NewWriter(token, options...)
	if err != nil {
		return gate.Account{}, err
	}
	return gate.Account{Name: "default", Fingerprint: token.Fingerprint(), Reader: reader, Writer: writer, Finder: vpsapi.NewFinder(reader, vpsapi.WithFinderTTL(0))}, nil
}

// serve serves on a loopback port of its own until the world ends.
func (w *world) serve(h http.Handler) (address string, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.Serve(l) }() // until it is closed
	w.close = append(w.close, func() { _ = s.Close() })
	return "http://" + l.Addr().String(), nil
}

func (w *world) end() error {
	for i := len(w.close) - 1; i >= 0; i-- {
		w.close[i]()
	}
	if w.gate == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return w.gate.Close(ctx)
}
