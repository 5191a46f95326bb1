package slackbot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/slackbot/card"
)

// Names of messages' records. A card's has where it goes behind it.
const (
	cardName   = "card "
	auditName  = "audit"
	watchName  = "watch"
	remindName = "reminder under "
)

func isCard(p ledger.Post) bool { return strings.HasPrefix(p.Name, cardName) }

// paper is a message that should stand somewhere.
type paper struct {
	name     string
	channels []string // the first that takes it; a user's id is their messages with the app
	says     card.Message
}

// patience is how long a request that its asker's client can confirm is left to
// that client's dialog.
const patience = 30 * time.Second

// papers are the messages that should stand of a request.
func (b *board) papers(ctx context.Context, v gate.View, posts []ledger.Post, again *soonest) (papers []paper) {
	if places := b.places(ctx, v, posts, again); len(places) > 0 {
		says := b.bot.cards().Request(v)
		for _, place := range places {
			papers = append(papers, paper{cardName + place[0], place, says})
		}
	}
	if b.bot.Audit != "" && audited(v) {
		if p := recordOf(posts, auditName); p.Message != "" || p.Done {
			papers = append(papers, paper{auditName, []string{b.bot.Audit}, b.bot.cards().AuditLine(v)})
		} else {
			b.audit(v.ID) // whose line stands first is the auditor's to say
		}
	}
	return papers
}

// audited tells whether a request has become a change, or people have kept it
// from being one.
func audited(v gate.View) bool {
	switch v.State {
	case ledger.Pending, ledger.Approved, ledger.Executing:
		return false
	case ledger.Succeeded, ledger.Failed, ledger.Unknown:
		return true
	}
	return len(v.Votes) > 0
}

// places are where a request's card should stand: where they are known from its
// records, else where it is to be asked.
func (b *board) places(ctx context.Context, v gate.View, posts []ledger.Post, again *soonest) (places [][]string) {
	for _, p := range posts {
		if isCard(p) {
			places = append(places, b.channelsFor(v, strings.TrimPrefix(p.Name, cardName)))
		}
	}
	if !b.wanted(v, len(places) > 0, again) {
		return places
	}
	for _, place := range b.rooms(ctx, v, posts) {
		if !slices.ContainsFunc(places, func(known []string) bool { return known[0] == place }) {
			places = append(places, b.channelsFor(v, place))
		}
	}
	return places
}

// channelsFor are the channels that a card for a place is tried in: who asked in
// a channel that the app is not in sees it in their own messages.
func (b *board) channelsFor(v gate.View, place string) []string {
	if v.Front != policy.Slack || place != v.Channel {
		return []string{place}
	}
	return []string{place, askerOf(v)}
}

// askedIn is the channel where a request was asked, or its asker, who asked in
// none.
func askedIn(v gate.View) string {
	if v.Channel != "" {
		return v.Channel
	}
	return askerOf(v)
}

func askerOf(v gate.View) string {
	_, user, _ := cutIdentity(v.Identity.ID)
	return user
}

// wanted tells whether a request is to be shown in more places than it is. What
// was asked in Slack is, save what the policy denied at once: that is its
// asker's alone. What was asked elsewhere is shown to those who decide it.
func (b *board) wanted(v gate.View, shown bool, again *soonest) bool {
	if v.Front == policy.Slack {
		return v.State == ledger.Pending || !shown && (v.State != ledger.Denied || len(v.Votes) > 0)
	}
	if v.State != ledger.Pending {
		return false
	}
	if from := v.CreatedAt.Add(patience); leftToClient(v) && b.bot.Now().Before(from) {
		again.by(from)
		return false
	}
	if from := b.flood.from(v); b.bot.Now().Before(from) {
		again.by(from)
		return false
	}
	return true
}

// leftToClient tells whether all that is missing is what the asker's own client
// may say.
func leftToClient(v gate.View) bool {
	for _, m := range v.Missing {
		if !m.ByAsker() || m.Factor > policy.Client {
			return false
		}
	}
	return true
}

// rooms are the channels, or people, to whom a request should be shown.
func (b *board) rooms(ctx context.Context, v gate.View, posts []ledger.Post) (rooms []string) {
	if v.Front == policy.Slack {
		rooms = append(rooms, askedIn(v))
	}
	if v.State != ledger.Pending || v.Front == policy.Slack && onlyAsker(v) {
		return rooms
	}
	deciders, _ := b.deciders(ctx, v, posts)
	for _, room := range deciders {
		if !slices.Contains(rooms, room) {
			rooms = append(rooms, room)
		}
	}
	return rooms
}

func onlyAsker(v gate.View) bool {
	return !slices.ContainsFunc(v.Needs, func(n policy.Need) bool { return !n.ByAsker() })
}

// faceOf is a digest of what a message shows.
func faceOf(m card.Message) string {
	text, err := json.Marshal(m)
	if err != nil {
		panic(err) // Block Kit's types encode
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
