// Package fakeslack is a Slack for tests: a workspace with people, channels and
// an app in it, that behaves like Slack and misbehaves like Slack. It is strict:
// what Slack refuses is refused, in Slack's words, and what Slack gives three
// seconds gets three seconds. It imports no Slack library, so that a client can
// be held against it, and nothing of a program that is tested with it.
//
//	slack, err := fakeslack.Start(fakeslack.Options{})
//	…
//	defer slack.Close()
//	slack.AddUser(fakeslack.User{ID: "UANA", Name: "ana"}, fakeslack.User{ID: "UBEN", Name: "ben"})
//	slack.AddChannel(fakeslack.Channel{ID: "COPS", Members: []string{"UANA", "UBEN", slack.App().BotUser}})
//	slack.DeliverTo(app.URL) // the app under test; it calls slack.URL() with slack.App().BotToken
//
//	ana, ben := slack.As(t, "UANA"), slack.As(t, "UBEN")
//	ana.Types("COPS", "/vps reboot web-01")
//	card := ben.AwaitsText("COPS", "web-01")
//	if o := ben.Presses(card, "approve"); o.Error != "" {
//		t.Fatal(o.Error)
//	}
//	ana.AwaitsText("COPS", "approved by")
//
// # The app's side
//
// URL is the Web API's address; a call takes the bot token, or for
// apps.connections.open the app token, in the form or as a bearer, and a form or
// JSON. There are the methods by which a bot posts, shows views, looks up people,
// channels and user groups, and connects. Scopes are enforced (SetScopes).
// Every call is in Calls.
//
// Deliveries go to DeliverTo's addresses, signed: /slack/commands,
// /slack/interactions, /slack/events. Where a Socket Mode connection is open,
// they go over that instead, over any of them. Each is in Deliveries.
//
// # People
//
// As is somebody at their client. They type, press, choose, fill in forms, close
// them, open App Home; each returns an Outcome: what they see when the
// acknowledgement has come or the three seconds are over. What the app does after
// that is awaited: AwaitsText, AwaitsModal, AwaitsHome, or Await for anything
// else. Nothing polls, nothing sleeps.
//
// A Message or View that a test holds is a snapshot: pressing on an old one is
// what a person does whose screen lags behind. [How] options make deliveries
// that Slack would not make: unsigned, tampered with, of another app, old, twice.
//
// # Misbehaviour
//
// Misbehave makes calls fail in every way that a network and Slack have, by
// method; Options.Pace enforces Slack's rates; Kill, Disconnect, StopPings and
// DisableSocketMode break connections; Advance ages trigger ids and
// response_urls.
//
// # In a bubble
//
// With Options.Memory and DeliverToHandler nothing touches the network, so that
// a testing/synctest bubble can hold a Slack and the app: time-outs and retries
// take no time. Start and Close belong inside the bubble.
//
// # What it leaves out
//
// Threads are kept but not shown apart; a submitted form brings no
// response_urls; a text that is too long is refused, not cut; files, reactions, search, workflows and
// Enterprise Grid aren't there; text isn't rendered. Attachments are taken and
// not looked at.
package fakeslack
