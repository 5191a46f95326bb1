package command

import (
	"slices"
	"strings"

	"vpsops/policy"
)

// rule is the grammar of one command.
type rule struct {
	verb   Verb
	action policy.Action // what its asker must be granted; "" for nothing
	usage  string        // how to write it
	about  string
	long   string // what else its own help says, "" for nothing

	keys     []key
	words    func(*Command, word) error // takes a word that has no key
	needs    string                     // what must be among the words, "" for nothing
	found    string                     // where that is found, "" where it needs no saying
	server   bool                       // the first word is a server
	because  bool                       // it takes a reason,
	whyNeeds bool                       // and must have one
	timed    bool                       // for 2h
	reads    bool
	loosens  bool // it ends what keeps servers from being changed
	flags    []flag
}

// key is one of a command's NAME=VALUE.
type key struct {
	name  string
	kind  Kind // what completes it
	field func(*Command) *string
	check func(value string) (string, error) // nil takes anything
}

// flag is one word that switches something on.
type flag struct {
	name  string
	field func(*Command) *bool
}

var (
	accountKey  = key{"account", KindAccount, func(c *Command) *string { return &c.Account }, nil}
	nameKey     = key{"name", "", func(c *Command) *string { return &c.Name }, nil}
	hostnameKey = key{"hostname", "", func(c *Command) *string { return &c.Hostname }, hostOnly}
	locationKey = key{"location", KindLocation, func(c *Command) *string { return &c.Location }, nil}
	backupsKey  = key{"backups", KindSwitch, func(c *Command) *string { return (*string)(&c.Backups) }, oneOf(switches)}

	shareFlag   = flag{"share", func(c *Command) *bool { return &c.Share }}
	replaceFlag = flag{"replace", func(c *Command) *bool { return &c.Replace }}
	glassFlag   = flag{"break-glass", func(c *Command) *bool { return &c.BreakGlass }}
)

var (
	switches = []string{string(On), string(Off)}
	// The statuses that the API's page shows and can be filtered by.
	statuses = []string{"active", "stopped", "suspended", "provisioning", "starting", "stopping", "rebooting"}
)

// StatusOf is the status that a word names, by what people call it, too; or "".
func StatusOf(word string) string {
	word = strings.ToLower(word)
	switch {
	case slices.Contains(statuses, word):
		return word
	case slices.Contains([]string{"running", "up", "online", "on"}, word):
		return "active"
	case slices.Contains([]string{"down", "off", "offline", "halted"}, word):
		return "stopped"
	}
	return ""
}

const (
	settled    = "You are told when the server has arrived."
	brokenText = "break-glass asks for what lifts a denial, where the policy has that: in Slack or on the page alone."
)

var rules = []rule{
	{
		verb: VerbHelp, usage: "help [COMMAND]", about: "what you may do here",
		words: takeTopic, reads: true, flags: []flag{shareFlag},
	},
	{
		verb: VerbList, action: policy.List, usage: "list [status=…] [location=…] [TEXT]", about: "the servers",
		long: "TEXT is looked for in names, hostnames, addresses and ids.",
		keys: []key{
			{"status", KindStatus, func(c *Command) *string { return &c.Status }, oneOf(statuses)},
			locationKey,
		},
		words: takeText, reads: true, flags: []flag{shareFlag},
	},
	{
		verb: VerbShow, action: policy.Get, usage: "show SERVER", about: "everything about a server",
		server: true, needs: "the server", reads: true, flags: []flag{shareFlag},
	},
	{
		verb: VerbCreate, action: policy.Create,
		usage: "create name=… plan=… os=… location=… [hostname=…] [ssh-key=…] [backups=on|off] [because …]",
		about: "order a server, seeing its price first",
		long:  "create alone shows the plans with their prices, the locations and the systems.",
		keys: []key{
			nameKey,
			{"plan", KindPlan, func(c *Command) *string { return &c.Plan }, nil},
			{"os", KindOS, func(c *Command) *string { return &c.OS }, nil},
			locationKey, hostnameKey,
			{"ssh-key", "", func(c *Command) *string { return &c.SSHKey }, nil},
			backupsKey,
		},
		because: true,
	},
	{
		verb: VerbUpdate, action: policy.Update,
		usage: "update SERVER [name=…] [hostname=…] [backups=on|off] [replace] [because …]", about: "rename a server, or change its settings",
		long: "update SERVER alone shows how it is now. replace sends all three at once.",
		keys: []key{nameKey, hostnameKey, backupsKey}, server: true, needs: "the server", because: true, flags: []flag{replaceFlag, glassFlag},
	},
	power(VerbStart, policy.Start, "start a server that is stopped"),
	power(VerbStop, policy.Stop, "shut a server down"),
	power(VerbReboot, policy.Reboot, "restart a server"),
	{
		verb: VerbDelete, action: policy.Delete, usage: "delete SERVER [break-glass] [because …]", about: "delete a server and all that is on it, for ever",
		long: brokenText, server: true, needs: "the server", because: true, flags: []flag{glassFlag},
	},
	{
		verb: VerbRequests, usage: "requests [mine|open]", about: "what waits, and what became of what you asked",
		words: takeWhich, reads: true, flags: []flag{shareFlag},
	},
	{
		verb: VerbRequest, usage: "request ID", about: "how a request stands",
		words: takeRequest, needs: "the request's id", found: "requests shows those that are your business", reads: true, flags: []flag{shareFlag},
	},
	{
		verb: VerbCancel, usage: "cancel ID", about: "take your own request back",
		words: takeRequest, needs: "the request's id", found: "requests mine shows yours",
	},
	{
		verb: VerbLock, action: policy.Lock, usage: "lock SERVER [for 2h] because …", about: "keep everybody from changing a server",
		server: true, needs: "the server", because: true, whyNeeds: true, timed: true,
	},
	{
		verb: VerbUnlock, action: policy.Lock, usage: "unlock SERVER", about: "end a server's lock",
		server: true, needs: "the server", loosens: true,
	},
	{
		verb: VerbFreeze, action: policy.Freeze, usage: "freeze [SET | person:P | account:A | all] [for 2h] because …", about: "stop changes to many servers, or by a person",
		long: "Without a name it freezes all. With account=NAME, of a set or a person, it holds in that account alone.", words: takeScope, because: true, whyNeeds: true, timed: true,
	},
	{
		verb: VerbUnfreeze, action: policy.Freeze, usage: "unfreeze [SET | person:P | account:A | all]", about: "end a freeze",
		long: "Without a name it ends the freeze of all. One that was put up with account=NAME is ended with it.", words: takeScope, loosens: true,
	},
	{verb: VerbWhoami, usage: "whoami", about: "who you are here, and what you may do", reads: true, flags: []flag{shareFlag}},
	{
		verb: VerbAudit, action: policy.List, usage: "audit [SERVER]", about: "what was asked, decided and done",
		server: true, reads: true, flags: []flag{shareFlag},
	},
}

func power(v Verb, a policy.Action, about string) rule {
	return rule{
		verb: v, action: a, usage: string(v) + " SERVER [break-glass] [because …]", about: about,
		long: settled + " " + brokenText, server: true, needs: "the server", because: true, flags: []flag{glassFlag},
	}
}

// ruleOf returns a verb's grammar.
func ruleOf(v Verb) (rule, bool) {
	for _, r := range rules {
		if r.verb == v {
			return r, true
		}
	}
	return rule{}, false
}

// Verbs returns every verb, in the order of the help.
func Verbs() []Verb {
	return slices.Clone(verbOrder)
}

var verbOrder = []Verb{
	VerbHelp, VerbList, VerbShow, VerbCreate, VerbUpdate, VerbStart, VerbStop, VerbReboot, VerbDelete,
	VerbRequests, VerbRequest, VerbCancel, VerbLock, VerbUnlock, VerbFreeze, VerbUnfreeze, VerbWhoami, VerbAudit,
}

func verbNames() []string {
	names := make([]string, len(verbOrder))
	for i, v := range verbOrder {
		names[i] = string(v)
	}
	return names
}

// allKeys are a rule's keys and the one that every command takes.
func (r rule) allKeys() []key { return append(r.keys[:len(r.keys):len(r.keys)], accountKey) }
