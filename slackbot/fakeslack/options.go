package fakeslack

import (
	"cmp"
	"time"
)

// AckWithin is how long Slack waits for an acknowledgement.
// https://docs.slack.dev/interactivity/handling-user-interaction#acknowledgment_response
const AckWithin = 3 * time.Second

// Options say how a Slack begins. The zero value is a good start: one
// workspace, one app with every scope the methods here ask for, nobody in it.
type Options struct {
	Team Team
	App  App

	// Now is the clock of everything that ages, and of signatures; nil means
	// time.Now. Waiting is always in real time (a bubble's, in a bubble).
	Now func() time.Time
	// Memory listens in memory rather than on a loopback port, so that a
	// testing/synctest bubble can hold the whole: call it by Client, and dial
	// Socket Mode by DialContext.
	Memory bool
	// AckWithin is how long an acknowledgement may take; 0 means Slack's 3 s.
	AckWithin time.Duration
	// EventRetries are the waits before an event is sent again that was not
	// acknowledged; nil means Slack's: at once, after 1 and after 5 minutes.
	EventRetries []time.Duration
	// Patience is how long a person waits for something before the test
	// fails; 0 means 10 s.
	Patience time.Duration
	// Pace holds chat.postMessage to one message a second and channel, after a
	// burst of PaceBurst (0 means 4), and user groups' methods to 20 calls a
	// minute each.
	Pace      bool
	PaceBurst int
	// PingEvery is how often Socket Mode connections are pinged; 0 means 10 s.
	PingEvery time.Duration
}

// Team is a workspace. The zero value of a field takes the default.
type Team struct {
	ID     string // T024BE7LD
	Domain string // example
	Name   string // Example
	// FreePlan has no user groups: plan_upgrade_required.
	FreePlan bool
}

// App is the app under test, as it is installed in the workspace. The zero
// value of a field takes the default.
type App struct {
	ID            string   // A0FAKEAPP
	Name          string   // vps
	BotUser       string   // U0FAKEBOT
	BotID         string   // B0FAKEBOT
	BotToken      string   // xoxb-…
	AppToken      string   // xapp-…
	SigningSecret string   // 32 hex digits
	Scopes        []string // the bot token's; nil means AllScopes
	AppScopes     []string // the app token's; nil means connections:write
	// Unescaped is an app whose command has should_escape off: mentions,
	// channels and links come as they were typed.
	Unescaped bool
}

// AllScopes are the scopes that the methods here ask for.
var AllScopes = []string{
	"app_mentions:read", "channels:read", "chat:write", "commands", "groups:read", "im:read", "im:write",
	"mpim:read", "team:read", "usergroups:read", "users:read",
}

// verificationToken is the deprecated token that deliveries still carry.
const verificationToken = "fakeslackVerification0000"

func (o Options) withDefaults() Options {
	o.Team.ID = cmp.Or(o.Team.ID, "T024BE7LD")
	o.Team.Domain = cmp.Or(o.Team.Domain, "example")
	o.Team.Name = cmp.Or(o.Team.Name, "Example")
	o.App = o.App.withDefaults()
	if o.Now == nil {
		o.Now = time.Now
	}
	o.AckWithin = cmp.Or(o.AckWithin, AckWithin)
	if o.EventRetries == nil {
		o.EventRetries = []time.Duration{0, time.Minute, 5 * time.Minute}
	}
	o.Patience = cmp.Or(o.Patience, 10*time.Second)
	o.PaceBurst = cmp.Or(o.PaceBurst, 4)
	o.PingEvery = cmp.Or(o.PingEvery, 10*time.Second)
	return o
}

func (a App) withDefaults() App {
	a.ID = cmp.Or(a.ID, "A0FAKEAPP")
	a.Name = cmp.Or(a.Name, "vps")
	a.BotUser = cmp.Or(a.BotUser, "U0FAKEBOT")
	a.BotID = cmp.Or(a.BotID, "B0FAKEBOT")
	a.BotToken = cmp.Or(a.BotToken, "xoxb-1000000000-2000000000-fakefakefakefakefakefake")
	a.AppToken = cmp.Or(a.AppToken, "xapp-1-A0FAKEAPP-3000000000-fakefakefakefakefakefake")
	a.SigningSecret = cmp.Or(a.SigningSecret, "8f742231b10e8888abcd99yyyzzz85a5")
	if a.Scopes == nil {
		a.Scopes = AllScopes
	}
	if a.AppScopes == nil {
		a.AppScopes = []string{"connections:write"}
	}
	return a
}
