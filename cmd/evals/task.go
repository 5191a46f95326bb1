package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"vpsops/vpsapi/sandbox"
)

// task is one file of evals/tasks: what a user wants, the world it is wanted
// in, and what must be true of the simulated API's log in the end.
type task struct {
	name string

	Goal    string       `yaml:"goal"`    // in the user's words: the prompt
	Servers []serverEdit `yaml:"servers"` // changes to the fleet before it begins
	Faults  []fault      `yaml:"faults"`
	Speed   float64      `yaml:"speed"`  // of the simulated API; 1000 where 0
	Credit  float64      `yaml:"credit"` // in dollars; the simulated API's own where 0
	Policy  string       `yaml:"policy"` // a policy file; the built-in local one where empty
	Dialog  string       `yaml:"dialog"` // how the person answers the client's dialogs: accept, decline, or none
	Votes   []ballot     `yaml:"votes"`  // what people say on the page

	Calls  int      `yaml:"calls"`  // of tools, at most
	Must   []change `yaml:"must"`   // every changing call that the API received, in order, and no other
	Gone   []int64  `yaml:"gone"`   // servers that are no more
	Answer []string `yaml:"answer"` // patterns that what the user is told must match

	Reference []step `yaml:"reference"` // how it can be done
}

// serverEdit sets what is given.
type serverEdit struct {
	ID       int64  `yaml:"id"`
	Name     string `yaml:"name"`
	Hostname string `yaml:"hostname"`
	Status   string `yaml:"status"`
	Backups  *bool  `yaml:"backups"`
}

func (e serverEdit) apply(s *sandbox.Server) {
	for _, f := range []struct {
		to    *string
		value string
	}{{&s.Name, e.Name}, {&s.Hostname, e.Hostname}, {&s.Status, e.Status}} {
		if f.value != "" {
			*f.to = f.value
		}
	}
	if e.Backups != nil {
		s.Backups = *e.Backups
	}
}

// fault is one of the simulated API's.
type fault struct {
	Method string `yaml:"method"`
	Path   string `yaml:"path"`
	Times  int    `yaml:"times"`
	Kind   string `yaml:"kind"`
	Status int    `yaml:"status"`
	Body   string `yaml:"body"`
	Delay  string `yaml:"delay"`
}

func (f fault) forAPI() (sandbox.Fault, error) {
	made := sandbox.Fault{
		Match: sandbox.Match{Method: f.Method, Path: f.Path}, Times: f.Times,
		Kind: sandbox.Kind(f.Kind), Status: f.Status, Body: f.Body,
	}
	var err error
	if f.Delay != "" {
		made.Delay, err = time.ParseDuration(f.Delay)
	}
	return made, err
}

// ballot is what a person says to requests for an action.
type ballot struct {
	Action   string `yaml:"action"`
	By       string `yaml:"by"`
	Approve  bool   `yaml:"approve"`
	TypeName string `yaml:"type_name"`
}

// step is a call of the reference player's. "$request" in its arguments is the
// last request's id.
type step struct {
	Tool    string         `yaml:"tool"`
	Args    map[string]any `yaml:"args"`
	Outcome string         `yaml:"outcome"` // wanted, where given
	Holds   []string       `yaml:"holds"`   // patterns that the answer must match
}

// tasks reads a folder's, in the order of their names.
func tasks(folder string) ([]task, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("%s holds no tasks: %w", folder, os.ErrNotExist)
	}
	all := make([]task, len(files))
	for i, file := range files {
		text, err := os.ReadFile(file)
		if err == nil {
			err = yaml.UnmarshalWithOptions(text, &all[i], yaml.Strict())
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all[i].name = strings.TrimSuffix(filepath.Base(file), ".yaml")
		if err := all[i].check(); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	return all, nil
}

func (t *task) check() error {
	switch {
	case t.Goal == "":
		return fmt.Errorf("no goal")
	case t.Calls <= 0:
		return fmt.Errorf("calls must say how many are enough")
	case slices.ContainsFunc(t.Must, func(c change) bool { return c.Call == "" }):
		return fmt.Errorf("what must be changed names no call")
	case len(t.Reference) == 0:
		return fmt.Errorf("no reference shows that it can be done")
	case len(t.Reference) > t.Calls:
		return fmt.Errorf("the reference makes %d calls of %d", len(t.Reference), t.Calls)
	}
	return nil
}
