package card_test

import (
	"crypto/ed25519"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/slackbot/card"
	"vpsops/slackbot/command"
	"vpsops/slackbot/command/runner"
	"vpsops/vpsapi"
)

// face is something that Slack is shown: a card.Message, a modal or a home.
type face struct {
	kind, name string
	shown      any
}

func messageFace(name string, m card.Message) face { return face{"message", name, posted(m)} }

// posted is a message as chat.postMessage takes it.
func posted(m card.Message) any {
	return struct {
		Text   string       `json:"text"`
		Blocks slack.Blocks `json:"blocks"`
	}{m.Text, slack.Blocks{BlockSet: m.Blocks}}
}

// faces are all that the package shows.
func faces() []face {
	var all []face
	for _, x := range []struct {
		name string
		texts
	}{{"", plainTexts}, {"_hostile", hostileTexts()}, {"_longest", longest()}} {
		all = append(all, requestFaces(x.name, x.texts)...)
		all = append(all, otherFaces(x.name, x.texts)...)
		all = append(all, formFaces(x.name, x.texts)...)
		all = append(all, homeFaces(x.name, x.texts)...)
	}
	return append(all, listFaces()...)
}

func requestFaces(suffix string, x texts) []face {
	w, later := writer(time.Minute), writer(105*time.Second)
	reboot, del := request(policy.Reboot, x), approvals(byAssistant(request(policy.Delete, x), x), x)
	del.Shown.FormerNames, del.Problems = []string{x.former}, []string{x.problem}
	if x.warning != "" {
		del.Shown.Warnings = []string{x.warning}
	}
	glass := approvals(request(policy.Stop, x), x)
	glass.Rules = append(glass.Rules, policy.Rule{Kind: policy.GuardRule, ID: "freeze", Effect: policy.Deny, Why: x.why, BreakGlass: true})
	create := request(policy.Create, x)
	twins := create
	twins.Shown.MonthlyPrice, twins.Shown.SameName = "", []vpsapi.ID{vpsapi.NumberID(7), vpsapi.NumberID(8)}
	twins.Shown.Warnings = []string{"the price of this plan cannot be read", "another server already goes by the name " + x.name}
	passkey := request(policy.Delete, x)
	passkey.Missing[0].Factor = policy.Passkey

	faces := []struct {
		name string
		w    *card.Writer
		v    gate.View
	}{
		{"reboot_pending", w, reboot},
		{"stop_break_glass", w, glass},
		{"start_pending", w, request(policy.Start, x)},
		{"delete_by_assistant", w, del},
		{"delete_one_vote", w, vote(vote(del, "ana", true, ""), "ben", true, x.reason)},
		{"delete_passkey", w, passkey},
		{"create_pending", w, create},
		{"create_price_unknown", w, twins},
		{"update_rename", w, request(policy.Update, x)},
		{"update_done", later, became(vote(request(policy.Update, x), "ana", true, ""), ledger.Succeeded, "the API took it")},
		{"create_accepted", later, onItsWay(vote(create, "ana", true, ""), "provisioning")},
		{"reboot_approved", later, became(vote(reboot, "ana", true, ""), ledger.Approved, "")},
		{"reboot_held_back", later, became(vote(reboot, "ana", true, ""), ledger.Approved,
			"it has its votes and waits: the Slack account by which ana asked can't be told to count still ("+x.message+")")},
		{"reboot_other_account", later, othersAccount(became(vote(reboot, "ana", true, ""), ledger.Approved, ""))},
		{"reboot_running", later, became(vote(reboot, "ana", true, ""), ledger.Executing, "")},
		{"reboot_accepted", later, onItsWay(vote(reboot, "ana", true, ""), "rebooting")},
		{"reboot_overdue", writer(5 * time.Minute), onItsWay(vote(reboot, "ana", true, ""), "rebooting")},
		{"reboot_elsewhere", later, onItsWay(vote(reboot, "ana", true, ""), "suspended")},
		{"reboot_gone", writer(5 * time.Minute), onItsWay(vote(reboot, "ana", true, ""), "gone")},
		{"reboot_done", later, arrived(vote(reboot, "ana", true, ""), vpsapi.StatusActive, 42*time.Second)},
		{"delete_done", later, became(vote(vote(del, "ana", true, ""), "ben", true, x.reason), ledger.Succeeded, "the API took it")},
		{"reboot_failed", later, became(vote(reboot, "ana", true, ""), ledger.Failed, x.message)},
		{"reboot_unknown", later, became(vote(reboot, "ana", true, ""), ledger.Unknown, "")},
		{"delete_unknown", later, became(vote(del, "ana", true, ""), ledger.Unknown, "")},
		{"delete_denied_by_person", later, became(vote(del, "ben", false, x.reason), ledger.Denied, "ben said no: "+x.reason)},
		{"stop_denied_by_policy", later, denied(x)},
		{"stop_denied_by_lock", later, locked(x)},
		{"reboot_expired", later, became(reboot, ledger.Expired, "nobody decided in time")},
		{"reboot_cancelled", later, became(reboot, ledger.Cancelled, "taken back by ana")},
		{"reboot_superseded", later, became(reboot, ledger.Superseded, "replaced by 77d1c2aa90e14b35")},
		{"reboot_invalidated", later, became(vote(reboot, "ana", true, ""), ledger.Invalidated, "the server has changed since it was shown (status: active → stopped); nothing was sent, ask again")},
	}
	var all []face
	for _, f := range faces {
		all = append(all, messageFace(f.name+suffix, f.w.Request(f.v)))
	}
	return all
}

// othersAccount is a request that another process has the account for.
func othersAccount(v gate.View) gate.View {
	v.Elsewhere = true
	return v
}

// denied is the policy's own no: nobody was asked.
func denied(x texts) gate.View {
	v := request(policy.Stop, x)
	v.Shown.Server = nil
	v.Operation.Server.Text = x.name
	v = became(v, ledger.Denied, x.why+"; it would go with break-glass: 2 of platform must approve (ben, cy)")
	v.Rules = []policy.Rule{{Kind: policy.GuardRule, ID: x.rule, Effect: policy.Deny, Why: x.why}}
	return v
}

// locked is the no of a lock, in the gate's words.
func locked(x texts) gate.View {
	v := denied(x)
	return became(v, ledger.Denied, "this server is locked by ben until 2026-11-26T05:04:05Z ("+x.reason+"); "+x.why)
}

func checkpoint() ledger.Checkpoint {
	key := make([]byte, ed25519.PublicKeySize)
	return ledger.Checkpoint{Seq: 12345, Hash: strings.Repeat("ab", 32), At: asked, Key: key, Sig: make([]byte, ed25519.SignatureSize)}
}

func apiServer(x texts) vpsapi.Server {
	on := true
	return vpsapi.Server{
		ID: vpsapi.NumberID(12345), Name: x.name, Hostname: x.hostname, Status: vpsapi.StatusActive, IPAddress: x.address,
		IPv6Address: "2001:db8::7", Location: x.location,
		Plan:           vpsapi.ServerPlan{ID: vpsapi.NumberID(3), Name: x.plan, VCPUs: 2, Memory: 4096, Storage: 80},
		OS:             vpsapi.OS{ID: vpsapi.NumberID(5), Name: x.os},
		BackupsEnabled: &on, ResourceUsage: &vpsapi.ResourceUsage{CPUPercent: 93, MemoryUsed: 3900, DiskUsed: 41.5, BandwidthUsed: 120.2},
		CreatedAt: made,
	}
}

func otherFaces(suffix string, x texts) []face {
	w := writer(10 * time.Minute)
	lock := ledger.Hold{ID: "h1", Kind: ledger.LockHold, Scope: ledger.ScopeServer, Value: "12345", Account: x.account, Owner: "ben", Because: x.reason, Until: asked.Add(2 * time.Hour)}
	s := runner.Server{Account: x.account, Server: apiServer(x), Holds: []gate.HoldInForce{{Hold: lock}}}
	s.Message = x.message
	stopped := s
	stopped.Status, stopped.Holds, stopped.Message = vpsapi.StatusStopped, nil, ""
	strange := stopped
	strange.Status = vpsapi.Status(x.name)
	v := approvals(byAssistant(request(policy.Delete, x), x), x)
	done := arrived(vote(request(policy.Reboot, x), "ana", true, ""), vpsapi.StatusActive, 42*time.Second)
	failed := became(vote(v, "ben", true, x.reason), ledger.Failed, x.message)
	trail := runner.Trail{Rows: []ledger.Row{
		{Event: ledger.Event{Seq: 1, At: asked, Kind: "ask", RequestID: "3f2a9c1e5b7d4068", Person: "ana", Detail: "confirm by prod-power"}},
		{Event: ledger.Event{Seq: 2, At: asked.Add(time.Minute), Kind: "vote", RequestID: "3f2a9c1e5b7d4068", Person: x.group, Detail: x.message}},
	}}
	who := runner.Who{
		Actor:  policy.Actor{Identity: policy.Identity{Kind: policy.SlackUser, ID: "T024BE7LD/U061F7AUR"}, Front: policy.Slack},
		Person: "ana", Accounts: []string{"prod", "staging"}, Holds: s.Holds,
		Standing: command.Standing{
			May:    map[policy.Action]policy.Decision{policy.List: {Effect: policy.Allow}, policy.Reboot: {Effect: policy.Confirm}, policy.Delete: {Effect: policy.Approve}},
			Unread: map[policy.Action]string{policy.Stop: "whether you are in " + x.group + " isn't known: its Slack user group can't be read"},
		},
	}
	stranger := who
	stranger.Person = ""
	result := func(r runner.Result) card.Message { return w.Result(r) }
	return []face{
		messageFace("server_active"+suffix, w.Server(s)),
		messageFace("server_stopped"+suffix, w.Server(stopped)),
		messageFace("server_strange_status"+suffix, w.Server(strange)),
		messageFace("requests"+suffix, result(runner.Result{Requests: &runner.Requests{Open: []gate.View{v}, Own: []gate.View{done, failed}}})),
		messageFace("trail"+suffix, result(runner.Result{Trail: &trail})),
		messageFace("lock"+suffix, result(runner.Result{Hold: &runner.Hold{Held: []ledger.Hold{lock}, Name: x.name}})),
		messageFace("unlock"+suffix, result(runner.Result{Hold: &runner.Hold{Held: []ledger.Hold{lock}, By: "cy", Name: x.name, Lifted: true}})),
		messageFace("who"+suffix, result(runner.Result{Who: &who})),
		messageFace("who_stranger"+suffix, result(runner.Result{Who: &stranger})),
		messageFace("help"+suffix, result(runner.Result{Text: command.Help(who.Standing, "")})),
		messageFace("note"+suffix, w.Note("That request is "+x.name+" already.")),
		messageFace("reminder"+suffix, w.Reminder(v)),
		messageFace("again"+suffix, w.Again(v, "C0INCIDENTS", []string{"C0APPROVALS", "C0INCIDENTS", "D0ANA"})),
		messageFace("audit_done"+suffix, w.AuditLine(done)),
		messageFace("checkpoint"+suffix, w.Checkpoint(checkpoint())),
		messageFace("audit_failed"+suffix, w.AuditLine(failed)),
		messageFace("audit_lock"+suffix, w.HoldLine(holdChange(lock, x.name, "ben", false))),
		messageFace("audit_unlock"+suffix, w.HoldLine(holdChange(lock, x.name, "cy", true))),
		messageFace("audit_freeze"+suffix, w.HoldLine(holdChange(freezeOf(x), "", x.group, false))),
		messageFace("audit_unfreeze"+suffix, w.HoldLine(holdChange(freezeOf(x), "", x.group, true))),
		messageFace("audit_more"+suffix, w.MoreChanges(37, false)),
	}
}

func freezeOf(x texts) ledger.Hold {
	return ledger.Hold{ID: "h2", Kind: ledger.FreezeHold, Scope: ledger.ScopeSet, Value: x.group, Owner: x.group, Because: x.reason}
}

func holdChange(h ledger.Hold, server, by string, lifted bool) gate.HoldChange {
	return gate.HoldChange{At: asked, Person: by, Front: policy.Console, Lifted: lifted, Hold: h, Server: server}
}

func formFaces(suffix string, x texts) []face {
	w := writer(time.Minute)
	v := approvals(byAssistant(request(policy.Delete, x), x), x)
	price, _ := vpsapi.ParsePrice("12.00")
	choices := runner.Choices{
		Plans: []vpsapi.Plan{
			{ID: vpsapi.NumberID(3), Name: x.plan, VCPUs: 2, Memory: 4096, Storage: 80, PriceMonthly: price, Available: true, Locations: []string{x.location, "eu-central"}},
			{ID: vpsapi.NumberID(4), Name: "Large", VCPUs: 8, Memory: 16384, Storage: 320, Available: true, Locations: []string{"eu-central"}},
		},
		Locations: []string{"eu-central", x.location},
		Systems:   []vpsapi.OS{{ID: vpsapi.NumberID(5), Name: x.os}},
	}
	filled := card.CreateDraft{Name: x.name, NameProblem: x.message, Plan: "3", System: "5", Location: "us-west", Hostname: x.hostname, Reason: x.reason, Backups: true}
	free := filled
	free.NameProblem, free.NameFree = "", true
	modal := func(name string, m slack.ModalViewRequest) face { return face{"modal", name + suffix, m} }
	return []face{
		modal("approve", w.VoteForm(v, true, true, true)),
		modal("approve_optional", w.VoteForm(request(policy.Reboot, x), true, false, false)),
		modal("deny", w.VoteForm(v, false, false, false)),
		modal("create_empty", w.CreateForm(choices, card.CreateDraft{Account: x.account})),
		modal("create_filled", w.CreateForm(choices, filled)),
		modal("create_free", w.CreateForm(choices, free)),
		modal("create_without_plans", w.CreateForm(runner.Choices{Locations: choices.Locations}, card.CreateDraft{PlanID: "99"})),
		modal("create_other_plan", w.CreateForm(choices, card.CreateDraft{Name: "web-02", Plan: card.Other, NameFree: true})),
		modal("create_unlisted", w.CreateForm(choices, card.DraftOf(command.Command{Plan: "99", OS: "ubuntu 24.04"}))),
		modal("update", w.UpdateForm(runner.Server{Account: x.account, Server: apiServer(x)}, x.reason)),
		modal("loading", w.Loading("Change "+x.name)),
		modal("notice", w.Notice("New server", x.message)),
	}
}

func homeFaces(suffix string, x texts) []face {
	w := writer(time.Minute)
	v := approvals(byAssistant(request(policy.Delete, x), x), x)
	done := arrived(vote(request(policy.Reboot, x), "ana", true, ""), vpsapi.StatusActive, 42*time.Second)
	home := func(name string, h card.Home) face { return face{"home", name + suffix, w.Home(h)} }
	many := make([]gate.View, 200)
	for i := range many {
		many[i] = v
	}
	return []face{
		home("busy", card.Home{Person: "ana", Waiting: []gate.View{v}, Own: []gate.View{done}}),
		home("empty", card.Home{Person: "ana", ReadOnly: true}),
		home("stranger", card.Home{Stranger: true}),
		home("flooded", card.Home{Person: "ana", Waiting: many, Own: many}),
	}
}
