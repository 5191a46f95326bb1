package command

import (
	"slices"
	"strings"
)

// Verb is what a command begins with. The set is closed.
type Verb string

// The verbs.
const (
	VerbHelp     Verb = "help"
	VerbList     Verb = "list"
	VerbShow     Verb = "show"
	VerbCreate   Verb = "create"
	VerbUpdate   Verb = "update"
	VerbStart    Verb = "start"
	VerbStop     Verb = "stop"
	VerbReboot   Verb = "reboot"
	VerbDelete   Verb = "delete"
	VerbRequests Verb = "requests"
	VerbRequest  Verb = "request"
	VerbCancel   Verb = "cancel"
	VerbLock     Verb = "lock"
	VerbUnlock   Verb = "unlock"
	VerbFreeze   Verb = "freeze"
	VerbUnfreeze Verb = "unfreeze"
	VerbWhoami   Verb = "whoami"
	VerbAudit    Verb = "audit"
)

// otherWords are what other tools call a verb: the letters alone would suggest
// start to who types restart.
var otherWords = map[string]Verb{
	"ls": VerbList, "servers": VerbList, "ps": VerbList, "search": VerbList, "find": VerbList,
	"get": VerbShow, "info": VerbShow, "describe": VerbShow, "inspect": VerbShow, "status": VerbShow,
	"new": VerbCreate, "add": VerbCreate, "order": VerbCreate, "launch": VerbCreate,
	"edit": VerbUpdate, "set": VerbUpdate, "rename": VerbUpdate, "change": VerbUpdate, "modify": VerbUpdate,
	"boot": VerbStart, "on": VerbStart, "poweron": VerbStart, "power-on": VerbStart,
	"off": VerbStop, "halt": VerbStop, "shutdown": VerbStop, "poweroff": VerbStop, "power-off": VerbStop,
	"restart": VerbReboot, "reset": VerbReboot, "cycle": VerbReboot,
	"rm": VerbDelete, "remove": VerbDelete, "destroy": VerbDelete, "terminate": VerbDelete, "kill": VerbDelete,
	"pending": VerbRequests, "approvals": VerbRequests, "abort": VerbCancel, "withdraw": VerbCancel,
	"thaw": VerbUnfreeze, "me": VerbWhoami, "id": VerbWhoami, "who": VerbWhoami,
	"log": VerbAudit, "logs": VerbAudit, "history": VerbAudit, "trail": VerbAudit, "commands": VerbHelp, "?": VerbHelp,
}

// harmless are the verbs of which a wrong suggestion does no harm.
var harmless = []Verb{VerbHelp, VerbList, VerbShow, VerbRequests, VerbRequest, VerbWhoami, VerbAudit}

// byButton is said to who means a request's yes or no: no command gives either.
const byButton = "nobody approves or denies by a command: the request's card and the page have the buttons; in Slack, /vps request ID shows the card"

// noCommand says, to words that people begin a line with and that are no command, what to
// do instead: what is near by its letters would be something else, or the contrary.
var noCommand = func() map[string]string {
	says := map[string]string{"share": "share stands at the end: list share"}
	for _, word := range []string{"panic", "emergency", "incident", "sos", "pause"} {
		says[word] = HowToStopAll
	}
	for _, word := range strings.Fields(`
		approve approved accept accepted agree agreed allow confirm confirmed yes y yep yeah yup ok okay lgtm +1 do go proceed vote
		deny denied decline declined disapprove disapproved refuse refused reject rejected veto vetoed no n nope nah never -1`) {
		says[word] = byButton
	}
	return says
}()

// HowToStopAll is said to who wants nothing changed any more: stop is of one server.
const HowToStopAll = "to stop all changes: freeze all because …"

// MeansAll tells whether a word stands for all servers, in whoever's mouth; the language
// itself has all.
func MeansAll(word string) bool {
	return slices.Contains([]string{"all", "everything", "every", "*"}, strings.TrimRight(strings.ToLower(word), "!.,"))
}

// StopsAll tells whether stop or lock was said of all servers at once.
func (c Command) StopsAll() bool {
	return (c.Verb == VerbStop || c.Verb == VerbLock) && MeansAll(c.Server)
}

// insteadOf is what noCommand says to a word, however loudly it is said, or "".
func insteadOf(word string) string { return noCommand[strings.Trim(strings.ToLower(word), "!?.,")] }
