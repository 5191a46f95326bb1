package tools_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"vpsops/vpsapi/sandbox"
)

// Budgets in tokens of o200k. The definitions are paid for by every user in
// every conversation: a model is given names, descriptions and input schemas,
// and the rest stays between client and server.
const (
	modelBudget  = 1500
	wireBudget   = 3500
	rowBudget    = 40
	serverBudget = 250
	denialBudget = 120

	// The structured content says the same as the text, for programs.
	structuredTimes = 3
)

const (
	tokensBegin = "<!-- tokens: written by go test ./tools -run TestTokens -update -->\n"
	tokensEnd   = "<!-- end of tokens -->\n"
)

// tokens is a table of what things cost.
type tokens struct {
	t *testing.T
	strings.Builder
}

func (k *tokens) row(what string, cost float64, budget int, structured string) {
	k.t.Helper()
	fmt.Fprintf(k, "| %s | %.4g | %d | %s |\n", what, cost, budget, structured)
	if cost > float64(budget) {
		k.t.Errorf("%s costs %.4g tokens; the budget is %d", what, cost, budget)
	}
}

// answer adds a tool's answer, n rows of it where n isn't 0.
func (k *tokens) answer(what string, got answered, budget, n int) {
	k.t.Helper()
	text, structured := count(k.t, steady(got.text)), count(k.t, steady(string(got.raw.RawStructuredContent)))
	if structured > structuredTimes*text {
		k.t.Errorf("%s: the structured content costs %d tokens, more than %d times the text's %d", what, structured, structuredTimes, text)
	}
	cost := float64(text)
	if n > 0 {
		header, _, _ := strings.Cut(got.text, "\n")
		cost = float64(text-count(k.t, header)) / float64(n)
	}
	k.row(what, cost, budget, fmt.Sprintf("%.1f times", float64(structured)/float64(text)))
}

var requestID = regexp.MustCompile(`req_[a-z0-9]+`)

// steady replaces what differs from one run to the next.
func steady(text string) string { return requestID.ReplaceAllString(text, "req_7f3k2m9qpa4xw5td") }

func TestTokensAreWithinBudgetAndAsTheBenchmarksPageSays(t *testing.T) {
	k := &tokens{t: t}
	fmt.Fprint(k, "| tool, as listed | tokens for a model | on the wire |\n|---|---|---|\n")
	model, wire := 0, 0
	for _, raw := range rawTools(t, newWorld(t)) {
		var tool struct {
			Name        string          `json:"name"`
			Description string          `json:"description"`
			InputSchema json.RawMessage `json:"inputSchema"`
		}
		if err := json.Unmarshal(raw, &tool); err != nil {
			t.Fatal(err)
		}
		m, w := count(t, tool.Name+"\n"+tool.Description+"\n"+string(tool.InputSchema)), count(t, string(raw))
		model, wire = model+m, wire+w
		fmt.Fprintf(k, "| `%s` | %d | %d |\n", tool.Name, m, w)
	}
	fmt.Fprintf(k, "| **all eleven** | **%d** (budget %d) | **%d** (budget %d) |\n\n", model, modelBudget, wire, wireBudget)
	if model > modelBudget || wire > wireBudget {
		t.Errorf("the tools cost a model %d tokens (budget %d) and the wire %d (budget %d)", model, modelBudget, wire, wireBudget)
	}
	fmt.Fprint(k, "| answer | tokens | budget | structured content beside the text |\n|---|---|---|---|\n")
	k.answers()
	inBenchmarks(t, k.String())
}

func (k *tokens) answers() {
	// Loads move with the time, and a digit more is a token more.
	noon := func(s *setup) {
		s.api.Now = func() time.Time { return time.Date(2026, time.November, 26, 12, 0, 0, 0, time.UTC) }
	}
	w := newWorld(k.t, fleet(400), noon)
	c := fronts()[0].dial(w, no)
	k.answer("`list_servers`, a row of 200", c.call("list_servers", `{"limit":200}`), rowBudget, 200)
	k.answer("`get_server`", c.call("get_server", `{"server":12345}`), serverBudget, 0)
	k.answer("denied in the client's dialog", c.call("reboot_server", `{"server":12345}`).want(k.t, "denied", "denied"), denialBudget, 0)
	again := c.call("reboot_server", `{"server":12345}`).want(k.t, "denied", "denied")
	k.answer("denied again", again, denialBudget, 0)
	pending := c.call("delete_server", `{"server_id":12345,"name":"web-server-01","reason":"no longer used"}`).want(k.t, "pending", "pending")
	k.answer("waits for a person", pending, serverBudget, 0)
	for n := range 4 {
		c.call("delete_server", fmt.Sprintf(`{"server_id":%d,"name":%q}`, 12346+n, w.name(12346+int64(n)))).want(k.t, "pending", "pending")
	}
	tooMany := c.call("delete_server", fmt.Sprintf(`{"server_id":12350,"name":%q}`, w.name(12350))).want(k.t, "denied", "denied")
	k.answer("denied: five are open", tooMany, denialBudget, 0)

	w = newWorld(k.t, func(s *setup) { s.policy = mustLoad(k.t, tokenPolicy) })
	c = fronts()[0].dial(w, nil)
	k.answer("denied: not granted", c.call("stop_server", `{"server":12345}`).want(k.t, "denied", "denied"), denialBudget, 0)
	k.answer("denied: a change freeze", c.call("reboot_server", `{"server":12345}`).want(k.t, "denied", "denied"), denialBudget, 0)
	for _, id := range []int64{12345, 12346} {
		w.api.EditServer(id, func(s *sandbox.Server) { s.Status = "stopped" })
	}
	c.call("start_server", `{"server":12345}`)
	k.answer("denied: the budget is spent", c.call("start_server", `{"server":12346}`).want(k.t, "denied", "denied"), denialBudget, 0)
}

func (w *world) name(id int64) string {
	s, _ := w.api.Server(id)
	return s.Name
}

const tokenPolicy = `
version: 1
people: {me: {local: [me]}, you: {local: [you]}}
grants:
  - {id: read, who: everyone, actions: [list, get]}
  - {id: change, who: everyone, actions: [start, reboot]}
  - {id: stopping, who: you, actions: [stop]}
guards:
  - {id: ask, actions: [stop, reboot], require: {confirm: asker}}
  - {id: freeze, actions: [reboot], during: ["2020-01-01/2099-01-01"], deny: "change freeze"}
budgets:
  - {id: starts, actions: [start], max: 1, per: 24h}
`

// inBenchmarks compares a table with the one in the benchmarks' page, or with
// -update puts it there.
func inBenchmarks(t *testing.T, table string) {
	t.Helper()
	path := filepath.Join("..", "docs", "BENCH.md")
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begun := strings.Cut(string(page), tokensBegin)
	had, after, ended := strings.Cut(rest, tokensEnd)
	if !begun || !ended {
		t.Fatalf("%s lacks the lines that stand around the table of tokens", path)
	}
	if had == table {
		return
	}
	if !*update {
		t.Errorf("%s says otherwise; look at the difference, then run with -update\n%s", path, table)
		return
	}
	if err := os.WriteFile(path, []byte(before+tokensBegin+table+tokensEnd+after), 0o600); err != nil {
		t.Fatal(err)
	}
}
