// Package card lays out what vpsops says in Slack: messages, forms and the App
// Home, as Block Kit. It does no I/O and knows no policy: who sees what is the
// bot's to decide.
//
// Every foreign text in it is inert, every size within Slack's limits.
package card

import (
	"time"

	"github.com/slack-go/slack"
)

// Message is what is posted, or takes the place of what was posted.
type Message struct {
	Text   string // for notifications and screen readers; inert, no markup of ours
	Blocks []slack.Block
}

// Writer writes cards. All its fields are needed but PageURL.
type Writer struct {
	// Seal returns the value of a button: opaque, with a MAC.
	Seal func(Press) string
	// Mention is how a person is written in mrkdwn: "<@U061F7AUR>" where they
	// have an account in this workspace, else their name, escaped.
	Mention func(person string) string
	// PageURL is the address of a request's page; nil or "" where there is none
	// that people can reach.
	PageURL func(requestID string) string
	// Accounts are the API accounts; with more than one, cards say which.
	Accounts []string
	// ReadOnly offers no change of a server that somebody looks at. A request's
	// face does not go by it: other processes keep that in step, too.
	ReadOnly bool
	Now      func() time.Time
}

// Press is what pressing a button means. It travels sealed in the button's
// value; the person who presses is authorized when they do.
type Press struct {
	Request string `json:"r,omitempty"` // a request's id,
	Digest  string `json:"d,omitempty"` // and of what was shown of it
	Server  string `json:"s,omitempty"` // a server's id
	Account string `json:"a,omitempty"`
	Status  string `json:"f,omitempty"` // a list's filters
	Where   string `json:"l,omitempty"` // location
	Text    string `json:"t,omitempty"`
	Page    int    `json:"p,omitempty"` // a list's page, from 0
}

// The action ids of what can be pressed or chosen.
const (
	ActApprove = "approve" // a yes: the asker's confirmation, or an approval
	ActDeny    = "deny"    // a no
	ActCancel  = "cancel"  // the asker takes it back
	ActOpen    = "open"    // a link to the page; nothing follows
	ActRequest = "request" // show a request, privately
	ActList    = "list"    // another page or filter of a list
	ActShow    = "show"    // show a server, privately
	ActStart   = "start"
	ActStop    = "stop"
	ActReboot  = "reboot"
	ActRefresh = "refresh" // of the App Home
)
