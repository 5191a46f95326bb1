package card

import (
	"github.com/slack-go/slack"

	"vpsops/policy/gate"
)

// Home is what a person sees of vpsops when they open it by itself.
type Home struct {
	Person   string // "" with Stranger
	Stranger bool   // the policy does not list them
	ReadOnly bool
	Waiting  []gate.View // for their vote
	Own      []gate.View // their own, newest first
}

const maxHomeRows = 20 // of each part

// Home lays out a person's App Home.
func (w *Writer) Home(h Home) slack.HomeTabViewRequest {
	return slack.HomeTabViewRequest{Type: slack.VTHomeTab, CallbackID: "home", Blocks: slack.Blocks{BlockSet: capped(w.home(h), maxViewBlocks)}}
}

func (w *Writer) home(h Home) []slack.Block {
	if h.Stranger {
		return []slack.Block{
			header("You are not listed"),
			section("The policy of vpsops does not list your Slack account, so you may do nothing here. `/vps whoami` shows the account; whoever keeps the policy adds it to a person."),
		}
	}
	var blocks []slack.Block
	if h.ReadOnly {
		blocks = append(blocks, section("🔒 vpsops runs *read-only*: nothing is changed, whoever asks."))
	}
	blocks = append(blocks, w.part("Waiting for your vote", h.Waiting, "Nothing waits for you. When an assistant or a colleague asks for something that needs your yes, it stands here.")...)
	blocks = append(blocks, w.part("Your requests", h.Own, "You have asked for nothing lately.")...)
	blocks = append(blocks, small("`/vps list` shows the servers, `/vps help` what you may do."))
	return append(blocks, slack.NewActionBlock("", w.button(ActRefresh, "Look again", Press{})))
}

func (w *Writer) part(head string, rows []gate.View, none md) []slack.Block {
	if len(rows) == 0 {
		return []slack.Block{header(head), section(none)}
	}
	blocks := []slack.Block{header(head + " (" + grouped(len(rows)) + ")")}
	for _, v := range rows[:min(len(rows), maxHomeRows)] {
		blocks = append(blocks, w.requestRow(v))
	}
	if more := len(rows) - maxHomeRows; more > 0 {
		blocks = append(blocks, small(md(plural(more, "other"))+"; `/vps requests` shows them."))
	}
	return blocks
}
