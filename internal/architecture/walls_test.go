package architecture_test

// module is the prefix of the project's own import paths.
const module = "vpsops"

// The front ends, each with all that is below it.
var frontEnds = []string{"tools/...", "slackbot/...", "internal/web/..."}

// driven are those that a model or a model's client speaks to. The chat language
// is among them since the console, which an agent may run, speaks it too.
var driven = []string{"tools/...", "slackbot/command/..."}

// wall forbids packages to import or to name something. Test files may do
// either, since they wire the whole together; where a wall holds for them
// too, it says so.
type wall struct {
	name    string
	of      []string // packages, by their folder; "x/..." is x and all below
	but     []string // packages among them that it doesn't hold for
	tests   bool     // holds for test files as well
	loading bool     // doesn't hold for files called load*.go

	imports    []string // import paths, likewise
	butImports []string
	names      map[string][]string // import path -> exported names
	selectors  []string            // x.NAME, whatever x is

	instead string
}

var walls = []wall{
	{
		name:       "the API client stands alone",
		of:         []string{"vpsapi/..."},
		tests:      true,
		imports:    []string{module + "/..."},
		butImports: []string{module + "/vpsapi/...", module + "/internal/leaktest"},
		instead:    "others use vpsapi without the rest: take what is needed as an Option, or move it into vpsapi",
	},
	{
		name:       "the fake Slack stands alone",
		of:         []string{"slackbot/fakeslack/..."},
		tests:      true,
		imports:    []string{module + "/..."},
		butImports: []string{module + "/slackbot/fakeslack/...", module + "/internal/leaktest"},
		instead:    "others test with it without the rest, and what it shared with the bot it couldn't find wrong: take what is needed as an Option",
	},
	{
		name:    "policy knows nothing of the project",
		of:      []string{"policy"},
		imports: []string{module + "/..."},
		instead: "a decision hangs on its arguments alone: have the gate hand in the fact as a plain value",
	},
	{
		name:    "policy does no I/O",
		of:      []string{"policy"},
		loading: true,
		imports: []string{"os/...", "io/ioutil", "net/...", "database/...", "syscall", "log/...", "math/rand/...", "path/filepath"},
		instead: "read in a file called load*.go, or have the caller read and hand in the bytes or the fact",
	},
	{
		name:    "policy has no clock",
		of:      []string{"policy"},
		names:   map[string][]string{"time": {"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTicker", "NewTimer", "Local"}},
		instead: "decide by the time in the ask, so that one ask always ends the same",
	},
	{
		name:    "only the gate changes servers",
		of:      []string{"..."},
		but:     []string{"vpsapi/...", "policy/gate", "cmd/...", "internal/web/webtest"},
		names:   map[string][]string{module + "/vpsapi": {"Writer", "NewWriter"}},
		instead: "ask through *gate.Desk, which puts policy and people before the call; to read, take a *vpsapi.Reader",
	},
	{
		name:    "front ends hold a desk, not the gate",
		of:      frontEnds,
		but:     []string{"internal/web/webtest"},
		names:   map[string][]string{module + "/policy/gate": {"Gate", "New", "Config", "Account"}},
		instead: "take a *gate.Desk, or where people vote a *gate.Ballot: the gate itself leads to the Writer, and only cmd makes one",
	},
	{
		name:      "what a model drives can't vote",
		of:        driven,
		names:     map[string][]string{module + "/policy/gate": {"Ballot"}},
		selectors: []string{"Ballot"},
		instead:   "hand a dialog's answer to (*gate.Desk).Answer, which weighs it as factor client and for the asker alone",
	},
	{
		name:    "what a model drives can't write the ledger",
		of:      driven,
		names:   map[string][]string{module + "/policy/ledger": {"Ledger", "Tx", "Memory", "NewMemory", "SQL", "Open", "Restore", "Vote", "Session"}},
		instead: "ask and look through *gate.Desk: a vote or a session is a row in the ledger",
	},
	{
		name:    "tools don't know the chat or the page",
		of:      []string{"tools/..."},
		imports: []string{module + "/slackbot/...", module + "/internal/web/..."},
		instead: "front ends meet in the gate: move what both need below them, and wire the rest in cmd",
	},
	{
		name:    "the chat doesn't know tools or the page",
		of:      []string{"slackbot/..."},
		imports: []string{module + "/tools/...", module + "/internal/web/..."},
		instead: "front ends meet in the gate: move what both need below them, and wire the rest in cmd",
	},
	{
		name:    "the page doesn't know tools or the chat",
		of:      []string{"internal/web/..."},
		imports: []string{module + "/tools/...", module + "/slackbot/..."},
		instead: "front ends meet in the gate: move what both need below them, and wire the rest in cmd",
	},
	{
		name:    "nothing below the front ends knows them",
		of:      []string{"..."},
		but:     append([]string{"cmd/..."}, frontEnds...),
		imports: []string{module + "/tools/...", module + "/slackbot/...", module + "/internal/web/...", module + "/cmd/..."},
		instead: "have the front end hand in a function or an interface; only cmd puts them together",
	},
	{
		name:    "what tests stand on is for tests",
		of:      []string{"..."},
		imports: []string{module + "/internal/leaktest", module + "/internal/memnet", module + "/internal/web/webtest", module + "/slackbot/fakeslack"},
		instead: "use it in a _test.go file: it wires the whole together, Writer and all",
	},
	{
		name:    "only cmd reads the environment",
		of:      []string{"..."},
		but:     []string{"cmd/...", "internal/config"},
		imports: []string{module + "/internal/config/..."},
		names:   map[string][]string{"os": {"Getenv", "LookupEnv", "Environ", "ExpandEnv"}},
		instead: "take the value as a parameter, and let cmd hand it in from its config.Config",
	},
}

// guarded are the packages whose names walls speak of. A dot import or an alias
// would make a name pass under another one.
var guarded = []string{module + "/vpsapi", module + "/policy/gate", module + "/policy/ledger"}
