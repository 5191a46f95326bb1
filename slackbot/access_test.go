package slackbot_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vpsops/slackbot/card"
)

// losses are ways in which the token comes to be of no use, and back.
var losses = map[string]struct {
	happens, ends func(w *world)
	says          string
}{
	"a scope is taken away": {
		func(w *world) { w.slack.SetScopes("commands", "chat:write") },
		func(w *world) { w.slack.SetScopes("commands", "chat:write", "users:read", "usergroups:read") }, "lacks",
	},
	"revoked":     {func(w *world) { w.slack.Revoke("token_revoked") }, func(w *world) { w.slack.Revoke("") }, "was revoked"},
	"uninstalled": {func(w *world) { w.slack.Revoke("account_inactive") }, func(w *world) { w.slack.Revoke("") }, "removed from the workspace"},
	"expired":     {func(w *world) { w.slack.Revoke("token_expired") }, func(w *world) { w.slack.Revoke("") }, "expired"},
}

func TestATokenThatIsOfNoUseIsAProblemUntilItIsAgain(t *testing.T) {
	for name, loss := range losses {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				synctest.Wait()
				if problem := w.first.bot.Problem(); problem != "" {
					t.Fatalf("it begins with %q", problem)
				}
				loss.happens(w)
				time.Sleep(2 * time.Minute)
				synctest.Wait()
				if problem := w.first.bot.Problem(); !strings.Contains(problem, loss.says) {
					t.Errorf("the problem is %q", problem)
				}
				loss.ends(w)
				time.Sleep(2 * time.Minute)
				synctest.Wait()
				if problem := w.first.bot.Problem(); problem != "" {
					t.Errorf("afterwards it is %q", problem)
				}
			}, byHTTP)
		})
	}
}

func TestWhoPressesWhileTheTokenIsOfNoUseIsToldWhoMustMendIt(t *testing.T) {
	for name, loss := range losses {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				asked := w.rebootCard()
				time.Sleep(knownFor + 5*time.Second)
				loss.happens(w)
				w.as(ana).Presses(asked, card.ActApprove)
				w.told(ana, incidents, "vpsops has lost its access to Slack")
				w.told(ana, incidents, "Whoever runs vpsops must mend it")
				w.never(ana, incidents, "Try again")
				if w.first.bot.Problem() == "" {
					t.Error("there is no problem")
				}
				w.sent()
			}, byHTTP)
		})
	}
}
