package policy_test

import (
	"strings"
	"testing"
)

// A test in a mistyped channel passes for the wrong reason; one in a channel that no
// rule names is how a policy holds that nothing goes elsewhere.
func TestAChannelOfATestThatMayBeASlipIsDoubted(t *testing.T) {
	for channel, want := range map[string]string{
		"C024BE7LR": "", "C024BE7RL": "did you mean C024BE7LR?", "C024BE7L": "did you mean C024BE7LR?",
		"C0ROOM": "", "C9ZZZZZZZ": "", "C1": "",
		"#be7lr": "#be7lr is no channel's id: it looks like C0123ABCD", "#other": "#other is no channel's id",
	} {
		p := written(t, team4+`  - {id: room, who: dee, actions: [lock], through: [slack], channels: [C024BE7LR]}
guards:
  - {id: rooms, actions: [reboot], unless_channels: [C0ROOM], deny: "ask in the room"}
tests:
  - {who: ana, do: get, through: slack, channel: "`+channel+`", expect: allow}
`)
		var said []string
		for _, w := range p.Warnings() {
			said = append(said, w.String())
		}
		if text := strings.Join(said, "\n"); (text == "") != (want == "") || !strings.Contains(text, want) {
			t.Errorf("%s: warned %q, want %q", channel, text, want)
		} else if want != "" && !strings.HasPrefix(text, "policy.yaml:18:") {
			t.Errorf("%s: it points elsewhere: %s", channel, text)
		}
	}
}

// A file may have any number of tests: to look at their channels stays cheap.
func TestTheChannelsOfFewTestsAreDoubted(t *testing.T) {
	for tests, doubted := range map[int]int{30: 30, 31: 30, 90: 30} {
		file := team4 + "tests:\n  - {who: ana, do: get, expect: allow}\n" + strings.Repeat("  - {who: ana, do: stop, through: slack, channel: \"#shop\", expect: confirm}\n", tests)
		if got := len(written(t, file).Warnings()); got != doubted {
			t.Errorf("of %d tests behind a good one %d are doubted", tests, got)
		}
	}
}
