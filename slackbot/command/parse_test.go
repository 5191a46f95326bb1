package command_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"vpsops/slackbot/command"
)

func TestParse(t *testing.T) {
	for line, want := range map[string]command.Command{
		"":                {Verb: command.VerbHelp},
		"  \u00a0 ":       {Verb: command.VerbHelp},
		"help":            {Verb: command.VerbHelp},
		"please":          {Verb: command.VerbHelp},
		"Please list web": {Verb: command.VerbList, Text: "web"},
		"HELP Reboot":     {Verb: command.VerbHelp, Topic: command.VerbReboot},
		"whoami share":    {Verb: command.VerbWhoami, Share: true},
		"list":            {Verb: command.VerbList},
		"list share":      {Verb: command.VerbList, Share: true},
		"list \"share\"":  {Verb: command.VerbList, Text: "share"},
		"list share web":  {Verb: command.VerbList, Text: "share web"},
		"list web prod-1": {Verb: command.VerbList, Text: "web prod-1"},
		"list status=Active location=us-west web account=prod": {
			Verb: command.VerbList, Status: "active", Location: "us-west", Text: "web", Account: "prod",
		},
		"show 12345 share": {Verb: command.VerbShow, Server: "12345", Share: true},
		"show id:12345":    {Verb: command.VerbShow, Server: "id:12345"},
		"create":           {Verb: command.VerbCreate},
		`create name=web-02 plan="Standard 2" os=“Ubuntu 24.04” location=us-west hostname=web02.example.com ssh_key=7 backups=on because more load`: {
			Verb: command.VerbCreate, Name: "web-02", Plan: "Standard 2", OS: "Ubuntu 24.04", Location: "us-west",
			Hostname: "web02.example.com", SSHKey: "7", Backups: command.On, Because: "more load",
		},
		"update web-01 name=web-02 backups=OFF replace": {
			Verb: command.VerbUpdate, Server: "web-01", Name: "web-02", Backups: command.Off, Replace: true,
		},
		"reboot web-01 because it doesn't answer": {Verb: command.VerbReboot, Server: "web-01", Because: "it doesn't answer"},
		"reboot web-01 break-glass because \"db = down\nfor good\"": {
			Verb: command.VerbReboot, Server: "web-01", BreakGlass: true, Because: "db = down for good",
		},
		"stop web-01 account=staging":              {Verb: command.VerbStop, Server: "web-01", Account: "staging"},
		"requests":                                 {Verb: command.VerbRequests},
		"requests mine":                            {Verb: command.VerbRequests, Which: command.Mine},
		"requests open share":                      {Verb: command.VerbRequests, Which: command.Open, Share: true},
		"request req_k3v6":                         {Verb: command.VerbRequest, Request: "req_k3v6"},
		"cancel req_k3v6":                          {Verb: command.VerbCancel, Request: "req_k3v6"},
		"cancel `req_k3v6`":                        {Verb: command.VerbCancel, Request: "req_k3v6"},
		"request *req_k3v6*":                       {Verb: command.VerbRequest, Request: "req_k3v6"},
		"request Req_k3V6":                         {Verb: command.VerbRequest, Request: "req_k3v6"},
		"show `web-01`":                            {Verb: command.VerbShow, Server: "web-01"},
		"create os=`Ubuntu 24` location=*us-west*": {Verb: command.VerbCreate, OS: "Ubuntu 24", Location: "us-west"},
		"show ```web-01```":                        {Verb: command.VerbShow, Server: "web-01"},
		"reboot ```web-01``` because it hangs":     {Verb: command.VerbReboot, Server: "web-01", Because: "it hangs"},
		"show ~web-01~":                            {Verb: command.VerbShow, Server: "web-01"},
		"show _web-01_":                            {Verb: command.VerbShow, Server: "_web-01_"},
		"show \"~web-01~\"":                        {Verb: command.VerbShow, Server: "~web-01~"},
		"list *":                                   {Verb: command.VerbList, Text: "*"},
		"stop *web-01* because *now*":              {Verb: command.VerbStop, Server: "web-01", Because: "*now*"},
		"lock web-01 for 2h because of the migration": {
			Verb: command.VerbLock, Server: "web-01", For: 2 * time.Hour, Because: "of the migration",
		},
		"unlock web-01":             {Verb: command.VerbUnlock, Server: "web-01"},
		"freeze because incident 7": {Verb: command.VerbFreeze, Scope: command.ScopeAll, Because: "incident 7"},
		"freeze prod for 3d because release": {
			Verb: command.VerbFreeze, Scope: command.ScopeSet, Target: "prod", For: 72 * time.Hour, Because: "release",
		},
		"freeze set:all because x":                    {Verb: command.VerbFreeze, Scope: command.ScopeSet, Target: "all", Because: "x"},
		"freeze person:ana because x":                 {Verb: command.VerbFreeze, Scope: command.ScopePerson, Target: "ana", Because: "x"},
		"freeze <@U061F7AUR|ana> because x":           {Verb: command.VerbFreeze, Scope: command.ScopePerson, Target: "<@U061F7AUR>", Because: "x"},
		"freeze account=prod because x":               {Verb: command.VerbFreeze, Scope: command.ScopeAccount, Target: "prod", Because: "x"},
		"freeze all account=prod because x":           {Verb: command.VerbFreeze, Scope: command.ScopeAccount, Target: "prod", Because: "x"},
		"freeze account:a account=a because x":        {Verb: command.VerbFreeze, Scope: command.ScopeAccount, Target: "a", Because: "x"},
		"freeze prod account=staging because x":       {Verb: command.VerbFreeze, Scope: command.ScopeSet, Target: "prod", Account: "staging", Because: "x"},
		"freeze person:ana account=staging because x": {Verb: command.VerbFreeze, Scope: command.ScopePerson, Target: "ana", Account: "staging", Because: "x"},
		"unfreeze prod account=staging":               {Verb: command.VerbUnfreeze, Scope: command.ScopeSet, Target: "prod", Account: "staging"},
		"unfreeze all account=prod":                   {Verb: command.VerbUnfreeze, Scope: command.ScopeAccount, Target: "prod"},
		"unfreeze":                                    {Verb: command.VerbUnfreeze, Scope: command.ScopeAll},
		"unfreeze account:prod":                       {Verb: command.VerbUnfreeze, Scope: command.ScopeAccount, Target: "prod"},
		"audit":                                       {Verb: command.VerbAudit},
		"audit web-01 share":                          {Verb: command.VerbAudit, Server: "web-01", Share: true},
	} {
		t.Run(line, func(t *testing.T) { parses(t, line, want) })
	}
}

// What Slack and phones' keyboards make of a line.
func TestParseUnderstandsSlack(t *testing.T) {
	for line, want := range map[string]command.Command{
		"show <http://web01.example.com|web01.example.com>":      {Verb: command.VerbShow, Server: "web01.example.com"},
		"show <http://web01.example.com>":                        {Verb: command.VerbShow, Server: "web01.example.com"},
		"show <https://web01.example.com/>":                      {Verb: command.VerbShow, Server: "web01.example.com"},
		"show http://http://web01.example.com//":                 {Verb: command.VerbShow, Server: "web01.example.com"},
		"show “web-01”":                                          {Verb: command.VerbShow, Server: "web-01"},
		"show ‘web-01’":                                          {Verb: command.VerbShow, Server: "web-01"},
		"show „web-01“":                                          {Verb: command.VerbShow, Server: "web-01"},
		"show «web-01»":                                          {Verb: command.VerbShow, Server: "web-01"},
		"show “web-01\"":                                         {Verb: command.VerbShow, Server: "web-01"},
		"show web–01":                                            {Verb: command.VerbShow, Server: "web-01"},
		"show web—01":                                            {Verb: command.VerbShow, Server: "web--01"},
		"reboot web-01 break‑glass":                              {Verb: command.VerbReboot, Server: "web-01", BreakGlass: true},
		"create ssh–key=7 name=a":                                {Verb: command.VerbCreate, SSHKey: "7", Name: "a"},
		"update a hostname=<http://b.example.com|b.example.com>": {Verb: command.VerbUpdate, Server: "a", Hostname: "b.example.com"},
		"stop a because R&amp;D asked, see <https://x.example/1|the ticket>": {
			Verb: command.VerbStop, Server: "a", Because: "R&D asked, see the ticket",
		},
		"stop a because &lt;@U061F7AUR&gt; &amp;amp; <mailto:a@b.example|a@b.example> in <#C0OPS|ops>": {
			Verb: command.VerbStop, Server: "a", Because: "<@U061F7AUR> &amp; a@b.example in <#C0OPS>",
		},
		"stop a because it’s 3 a.m. — see “the runbook”": {
			Verb: command.VerbStop, Server: "a", Because: "it’s 3 a.m. — see “the runbook”",
		},
		"stop a because “disk full”": {Verb: command.VerbStop, Server: "a", Because: "disk full"},
	} {
		t.Run(line, func(t *testing.T) { parses(t, line, want) })
	}
}

func parses(t *testing.T, line string, want command.Command) {
	t.Helper()
	got, err := command.Parse(line)
	if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Fatalf("got  %+v\nwant %+v", got, want)
	}
	again, err := command.Parse(got.String())
	if err != nil || again != got {
		t.Errorf("written out as %s it is %+v, %v", got, again, err)
	}
}

// Who means a request's yes or no is sent to its card, and to no command: least of all
// to one whose letters are near.
func TestAssentAndRefusalAreNoCommands(t *testing.T) {
	for _, line := range []string{
		"approve", "Approve it", "accept", "confirm req_1", "confirmed", "yes", "Yes!", "yes reboot web-01", "y", "ok", "OK.", "lgtm", "+1", "do it", "go ahead",
		"deny", "denied", "decline", "declined", "reject req_1", "rejected", "refuse", "disapprove", "veto", "no", "No!", "n", "nope",
	} {
		_, err := command.Parse(line)
		if err == nil || !strings.Contains(err.Error(), "the request's card and the page have the buttons") {
			t.Errorf("%s is answered %v", line, err)
		}
	}
}

// A slip of one letter may be one of a command that changes something, and so may its
// beginning. A word that is merely like it is another word.
func TestNoChangeIsSuggestedToWhoWroteAnotherWord(t *testing.T) {
	for word, meant := range map[string]string{
		"rebot": "reboot", "reobot": "reboot", "delet": "delete", "stp": "stop", "sttart": "start", "unlcok": "unlock", "frezee": "freeze", "cancle": "cancel",
		"reb": "reboot", "stopping": "stop", "del": "delete", "logs": "audit", "shwo": "show", "hlep": "help",
		"resize": "", "undelete": "", "share": "", "revert": "", "restore": "", "relate": "", "replace": "",
	} {
		_, err := command.Parse(word + " web-01")
		if near := nearOf(err); near != meant {
			t.Errorf("to %s it is said: %v", word, err)
		}
	}
}

func nearOf(err error) string {
	var unknown *command.UnknownWordError
	if !errors.As(err, &unknown) {
		return ""
	}
	return unknown.Near
}

// A wrong line is never half understood: the answer says what to write.
func TestParseRefuses(t *testing.T) {
	for line, want := range map[string]string{
		"restart web-01":                       `there is no command "restart": did you mean reboot?`,
		"shwo web-01":                          `there is no command "shwo": did you mean show?`,
		"\"list\"":                             `there is no command "list": did you mean list?`,
		"approve req_1":                        "nobody approves or denies by a command: the request's card and the page have the buttons; in Slack, /vps request ID shows the card",
		"help approve":                         "help: nobody approves or denies by a command: the request's card and the page have the buttons; in Slack, /vps request ID shows the card; write: help [COMMAND]",
		"panic":                                "to stop all changes: freeze all because …",
		"Emergency!":                           "to stop all changes: freeze all because …",
		"halt all":                             "to stop all changes: freeze all because …",
		"stop all servers":                     "stop: to stop all changes: freeze all because …; write: stop SERVER [break-glass] [because …]",
		"restart all":                          `there is no command "restart": did you mean reboot?`,
		"share list":                           "share stands at the end: list share",
		"xyzzy":                                `there is no command "xyzzy"; there is help, list, show, create, update, start, stop, reboot, delete, requests, request, cancel, lock, unlock, freeze, unfreeze, whoami, audit`,
		"li\u202est":                           `there is no command "li\u{202e}st": did you mean list?`,
		"list stauts=active":                   `list knows no key "stauts=": did you mean status=?`,
		"list status=activ":                    `list: status= is one of active, stopped, suspended, provisioning, starting, stopping, rebooting, not "activ": did you mean active?; write: list [status=…] [location=…] [TEXT]`,
		"list status=":                         "list: status= has no value behind it; write: list [status=…] [location=…] [TEXT]",
		"list location=a location=b":           "list: location= is given twice; write: list [status=…] [location=…] [TEXT]",
		"list because x":                       "list: it takes no because; write: list [status=…] [location=…] [TEXT]",
		"show":                                 "show: the server is missing; write: show SERVER",
		"show \"\"":                            "show: the server has no name; write: show SERVER",
		"show ```web-01":                       "a quote is opened and not closed: put another ` behind it",
		"show web-01 share please":             "show: share stands at the end; write: show SERVER",
		"show \"web":                           "a quote is opened and not closed: put another \" behind it",
		"reboot web-01 web-02":                 `reboot: there is no place for "web-02" behind the server; write: reboot SERVER [break-glass] [because …]`,
		"reboot web-01 breakglass":             `reboot knows no word "breakglass": did you mean break-glass?`,
		"reboot web-01 becausee x":             `reboot knows no word "becausee": did you mean because?`,
		"reboot web-01 because":                "reboot: because of what? The reason is missing; write: reboot SERVER [break-glass] [because …]",
		"reboot web-01 share":                  `reboot: there is no place for "share" behind the server; write: reboot SERVER [break-glass] [because …]`,
		"delete web-01 name=web-01":            `delete knows no key "name="; there is account=`,
		"update a backups=maybe":               `update: backups= is one of on, off, not "maybe"; write: update SERVER [name=…] [hostname=…] [backups=on|off] [replace] [because …]`,
		"requests opne":                        `requests knows no kind "opne": did you mean open?`,
		"requests pending":                     `requests knows no kind "pending": did you mean open?`,
		"requests own":                         `requests knows no kind "own": did you mean mine?`,
		"requests all":                         `requests knows no kind "all"; there is mine, open`,
		"requests mine open":                   "requests: mine or open, not both; write: requests [mine|open]",
		"cancel":                               "cancel: the request's id is missing: requests mine shows yours; write: cancel ID",
		"request":                              "request: the request's id is missing: requests shows those that are your business; write: request ID",
		"cancel a b":                           "cancel: one request at a time; write: cancel ID",
		"lock web-01":                          "lock: say why, for whoever meets it: because …; write: lock SERVER [for 2h] because …",
		"lock web-01 for because x":            `lock: for how long? Write for example for 2h; write: lock SERVER [for 2h] because …`,
		"lock web-01 for 2x because x":         `lock: "2x" is no time that it can last: write a whole number and m, h, d or w, such as 30m or 2h; 90d at most; write: lock SERVER [for 2h] because …`,
		"lock web-01 for 91d because x":        `lock: "91d" is no time that it can last: write a whole number and m, h, d or w, such as 30m or 2h; 90d at most; write: lock SERVER [for 2h] because …`,
		"freeze team:sre because x":            `freeze knows no kind "team:"; there is person:, account:, set:`,
		"freeze perso:sre because x":           `freeze knows no kind "perso:": did you mean person:?`,
		"freeze person: because x":             "freeze: a name is missing behind person:; write: freeze [SET | person:P | account:A | all] [for 2h] because …",
		"freeze a b because x":                 "freeze: one thing at a time; write: freeze [SET | person:P | account:A | all] [for 2h] because …",
		"freeze account:a account=b because x": "freeze: two accounts are named: account:a and account=b; write: freeze [SET | person:P | account:A | all] [for 2h] because …",
		"whoami now":                           `whoami: there is no place for "now"; write: whoami`,
		"help rebot":                           `help knows no command "rebot": did you mean reboot?`,
	} {
		t.Run(line, func(t *testing.T) {
			c, err := command.Parse(line)
			if err == nil {
				t.Fatalf("understood as %+v", c)
			}
			if err.Error() != want {
				t.Errorf("got  %s\nwant %s", err, want)
			}
			if c != (command.Command{}) {
				t.Errorf("a command was returned beside the error: %+v", c)
			}
			var unknown *command.UnknownWordError
			var usage *command.UsageError
			if !errors.As(err, &unknown) && !errors.As(err, &usage) {
				t.Errorf("an error of type %T", err)
			}
		})
	}
}
