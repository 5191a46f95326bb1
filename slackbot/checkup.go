package slackbot

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"
)

// Scopes are what the bot token needs, with why.
var scopes = []struct{ name, why string }{
	{"commands", "for /vps"},
	{"chat:write", "for cards and answers"},
	{"users:read", "to tell people from guests, bots and deactivated accounts before a vote counts"},
	{"usergroups:read", "for the user groups that the policy names"},
}

// maxSkew is how far this machine's clock may be from Slack's: signed deliveries
// that are five minutes off are refused.
const maxSkew = time.Minute

// Checkup is what a checkup is of.
type Checkup struct {
	API        *slack.Client
	Socket     bool // the client has an app token
	Channels   []Channel
	Usergroups []string // "TEAM/GROUP", that the policy names
	Teams      []string // whose deliveries are taken; empty: the token's own workspace's
	People     []Listed // whom the policy lists
	Now        func() time.Time
}

// Channel is one that something is posted in.
type Channel struct{ Setting, ID string }

// Finding is one thing that was looked at.
type Finding struct {
	Name string
	Err  error
	Good string // where nothing is wrong
	Cure string // what to do where something is
}

// Run asks Slack whether everything is as the bot needs it.
func (c Checkup) Run(ctx context.Context) []Finding {
	who, err := c.API.AuthTestContext(ctx)
	if err == nil && who.TeamID == "" {
		err = errNoAnswer
	}
	if err != nil {
		return []Finding{{Name: "Slack token", Err: errors.New(problemOf(err)), Cure: "copy the bot token (xoxb-…) from the app's page \"OAuth & Permissions\" into SLACK_BOT_TOKEN, and see that this machine reaches slack.com"}}
	}
	all := []Finding{
		{Name: "Slack token", Good: fmt.Sprintf("it is %s in the workspace %s (%s)", who.User, who.Team, who.TeamID)},
		c.scopes(who.Header), c.clock(who.Header),
	}
	if ofOrganization(who) {
		all[0].Err, all[0].Cure = errors.New(organizationWords(who)), "install the app in a workspace and set that bot token: each workspace has a vpsops of its own"
	}
	if len(c.Teams) > 0 && !ofOrganization(who) {
		all = append(all, c.teams(who))
	}
	if c.Socket {
		all = append(all, c.socket(ctx))
	}
	for _, channel := range c.Channels {
		all = append(all, c.channel(ctx, channel))
	}
	for _, id := range c.Usergroups {
		all = append(all, c.usergroup(ctx, id, who.TeamID))
	}
	if len(c.People) > 0 && !ofOrganization(who) {
		all = append(all, c.people(ctx, who.TeamID))
	}
	return all
}

// usergroup reads a group of the policy, as the bot does.
func (c Checkup) usergroup(ctx context.Context, id, token string) Finding {
	f := Finding{Name: "Slack user group " + id, Cure: "set its id in the policy as Slack has it, or list its people there"}
	team, group, _ := cutIdentity(id)
	if team != token {
		f.Err = errors.New(foreignGroup("it", token))
		return f
	}
	members, err := c.API.GetUserGroupMembersContext(ctx, group)
	if err != nil {
		f.Err = errors.New("it can't be read: " + groupProblem(err))
	}
	f.Good = fmt.Sprintf("its members can be read (%d); of them those count whom the policy lists", len(members))
	return f
}

// scopes reads what the token may from the answer's header
// (https://docs.slack.dev/authentication/using-token-rotation names no other way).
func (c Checkup) scopes(h http.Header) Finding {
	f := Finding{Name: "Slack scopes", Good: "the token may do all that is needed", Cure: "install the app again by deploy/slack/manifest.yaml"}
	if h.Get(scopesHeader) == "" {
		f.Good = "Slack did not say which there are"
		return f
	}
	if missing := lackingScopes(h, len(c.Usergroups) > 0); len(missing) > 0 {
		f.Err = fmt.Errorf("the token lacks %s", strings.Join(missing, ", "))
	}
	return f
}

const scopesHeader = "X-OAuth-Scopes"

// lackingScopes are those that a token lacks by an answer's header, with what for.
// Where Slack doesn't say which there are, it lacks none.
func lackingScopes(h http.Header, groups bool) (lacking []string) {
	given := h.Get(scopesHeader)
	has := strings.FieldsFunc(given, func(r rune) bool { return r == ',' || r == ' ' })
	for _, s := range scopes {
		if given != "" && !slices.Contains(has, s.name) && (s.name != "usergroups:read" || groups) {
			lacking = append(lacking, fmt.Sprintf("%s (%s)", s.name, s.why))
		}
	}
	return lacking
}

func (c Checkup) clock(h http.Header) Finding {
	f := Finding{Name: "clock", Good: "this machine's clock agrees with Slack's", Cure: "set the clock (NTP): deliveries signed five minutes off are refused, and votes are bound to time"}
	at, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		f.Good = "Slack did not say what time it is"
		return f
	}
	if off := c.Now().Sub(at); off.Abs() > maxSkew {
		f.Err = fmt.Errorf("this machine's clock is %s off from Slack's", off.Abs().Round(time.Second))
	}
	return f
}

// socket asks for a Socket Mode address and opens none.
func (c Checkup) socket(ctx context.Context) Finding {
	f := Finding{Name: "Slack app token", Good: "Socket Mode can be opened", Cure: "make an app-level token with the scope connections:write, put it into SLACK_APP_TOKEN, and turn Socket Mode on"}
	if _, _, err := c.API.StartSocketModeContext(ctx); err != nil {
		f.Err = errors.New(problemOf(err))
		if code := codeOf(err); code != "" {
			f.Err = fmt.Errorf("no address for it: Slack answers %s", code)
		}
	}
	return f
}

// channel looks whether the app is in a channel, and whether others than the
// workspace's own people read along there.
func (c Checkup) channel(ctx context.Context, channel Channel) Finding {
	f := Finding{Name: channel.Setting, Good: "the app is in " + channel.ID, Cure: "invite the app to the channel (/invite @vpsops), or set another"}
	info, err := c.API.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: channel.ID})
	switch code := codeOf(err); {
	case code == "missing_scope":
		f.Good = "whether the app is in " + channel.ID + " can't be looked at without the scope channels:read (groups:read for a private channel), which it needs for nothing else; the first card tells"
	case err != nil && elsewhere[code] != "":
		f.Err = errors.New(elsewhere[code])
	case err != nil:
		f.Err = errors.New(problemOf(err))
	case info.IsArchived:
		f.Err = fmt.Errorf("%s is archived", channel.ID)
		f.Cure = "take it out of the archive, or set another channel"
	case !info.IsMember:
		f.Err = fmt.Errorf("the app is not in %s", channel.ID)
	case info.IsExtShared:
		f.Err = fmt.Errorf("%s is shared with another company, whose people would read every request", channel.ID)
		f.Cure = "set a channel of the workspace's own"
	}
	return f
}
