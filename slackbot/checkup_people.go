package slackbot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/slack-go/slack"
)

// Listed is an account that the policy lists, with whose it is.
type Listed struct{ Person, ID string } // the ID is "TEAM/USER"

func (l Listed) String() string { return l.ID + " of " + l.Person }

// maxLooked is how many accounts are looked up. Slack takes about a hundred a minute, of
// every process together (https://docs.slack.dev/apis/web-api/rate-limits#tiers): the rest
// are left to votes that a bot has to weigh meanwhile.
const maxLooked = 50

// teams holds the workspaces that are set against the token's.
func (c Checkup) teams(token *slack.AuthTestResponse) Finding {
	f := Finding{
		Name: "SLACK_TEAM_IDS", Good: "the token's workspace is among them",
		Cure: "set SLACK_TEAM_IDS=" + token.TeamID + ", or leave it out: then it is the token's own workspace that is served",
	}
	others := slices.DeleteFunc(slices.Clone(c.Teams), func(id string) bool { return id == token.TeamID || id == token.EnterpriseID })
	if len(others) > 0 {
		f.Good += "; the token is of no other, and what comes from " + strings.Join(others, ", ") + " is taken, too: see that this is meant"
	}
	if !slices.Contains(c.Teams, token.TeamID) {
		f.Err = fmt.Errorf("the token's workspace, %s, is not among %s: what its people do is refused", token.TeamID, strings.Join(c.Teams, ", "))
	}
	return f
}

// people looks up who the policy says has an account here. One that Slack doesn't know is a
// slip in the policy, and so it is where all are of workspaces that aren't served. One that is
// good for nothing is no fault: people leave, and some have an account elsewhere.
func (c Checkup) people(ctx context.Context, token string) Finding {
	f := Finding{Name: "Slack people", Cure: "list each as /vps whoami shows it (the workspace's id and the user's), or take it out of the policy"}
	served := append([]string{token}, c.Teams...)
	here, elsewhere := c.byWorkspace(served)
	looked := c.look(ctx, here)
	looked.strangers(elsewhere, here)
	f.Good = looked.good(len(here))
	var wrong []string
	if len(looked.unknown) > 0 {
		wrong = append(wrong, "Slack shows the app no such user: "+someOf(looked.unknown))
	}
	if len(looked.elsewhere) > 0 {
		wrong = append(wrong, "nobody is of a workspace that is served here ("+strings.Join(served, ", ")+"): "+someOf(looked.elsewhere))
	}
	if len(wrong) > 0 {
		f.Err = errors.New(strings.Join(append(wrong, f.Good), "; "))
	}
	return f
}

// byWorkspace tells accounts of workspaces that are served from others.
func (c Checkup) byWorkspace(served []string) (here, elsewhere []Listed) {
	for _, l := range c.People {
		if team, _, _ := cutIdentity(l.ID); slices.Contains(served, team) {
			here = append(here, l)
		} else {
			elsewhere = append(elsewhere, l)
		}
	}
	return here, elsewhere
}

// lookedUp is what came out of accounts.
type lookedUp struct {
	count              int
	unknown, elsewhere []string
	useless            []string
	unasked            string // why not all were looked up; "" where they were
}

// strangers takes in accounts of workspaces that aren't served. A policy may be that of
// several installations; where it lists nobody here, it is likely not meant so.
func (l *lookedUp) strangers(elsewhere, here []Listed) {
	for _, one := range elsewhere {
		if len(here) > 0 {
			l.useless = append(l.useless, one.String()+" (of a workspace that isn't served here)")
		} else {
			l.elsewhere = append(l.elsewhere, one.String())
		}
	}
}

func (l *lookedUp) good(all int) string {
	words := []string{fmt.Sprintf("%d of the policy's %d accounts here were looked up", l.count, all)}
	if l.unasked != "" {
		words = append(words, "the rest were not: "+l.unasked)
	}
	if len(l.useless) > 0 {
		words = append(words, "of no use here: "+someOf(l.useless))
	}
	return strings.Join(words, "; ")
}

// someOf is a list that a line has room for.
func someOf(list []string) string {
	const most = 10
	if more := len(list) - most; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:most], ", "), more)
	}
	return strings.Join(list, ", ")
}

// look asks about one account after the other, and no more once Slack takes no more
// questions: each would put off when it does, for the bot, too.
func (c Checkup) look(ctx context.Context, here []Listed) (l lookedUp) {
	for _, listed := range here {
		if l.count == maxLooked {
			l.unasked = "Slack takes so many a minute, and the bot needs some"
			return l
		}
		team, user, _ := cutIdentity(listed.ID)
		u, err := c.user(ctx, user)
		switch code := codeOf(err); {
		case code == "user_not_found", code == "user_not_visible":
			l.unknown = append(l.unknown, listed.String())
		case err != nil:
			l.unasked = lookProblem(err)
			return l
		default:
			if why := uselessAccount(u, caller{team: team, user: user}); why != "" {
				l.useless = append(l.useless, listed.String()+" ("+why+")")
			}
		}
		l.count++
	}
	return l
}

func (c Checkup) user(ctx context.Context, id string) (*slack.User, error) {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	return c.API.GetUserInfoContext(ctx, id)
}

// uselessAccount says why the word of an account never counts; "" where it does.
func uselessAccount(u *slack.User, who caller) string {
	switch {
	case unfit(u, who) == nil:
		return ""
	case u.Deleted:
		return "deactivated"
	}
	return "a bot, a guest, or of another workspace"
}

func lookProblem(err error) string {
	var limited *slack.RateLimitedError
	switch code := codeOf(err); {
	case errors.As(err, &limited):
		return "Slack takes no more questions about users at the moment: run this again in a minute"
	case code == "missing_scope":
		return "the app lacks the scope users:read"
	case code != "":
		return "Slack answers " + code
	}
	return "Slack cannot be reached"
}
