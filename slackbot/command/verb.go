package command

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
	"log": VerbAudit, "history": VerbAudit, "trail": VerbAudit, "commands": VerbHelp, "?": VerbHelp,
}
