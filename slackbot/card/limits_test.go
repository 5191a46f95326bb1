package card_test

import (
	"testing"

	"vpsops/slackbot/fakeslack/blockkit"
)

// problems are what Slack would refuse a face for.
func problems(t fataler, f face) error {
	t.Helper()
	if f.kind == "message" {
		return blockkit.CheckMessage(encoded(t, f)).Err()
	}
	return blockkit.CheckView(encoded(t, f)).Err()
}

func TestSlackTakesEveryFace(t *testing.T) {
	for _, f := range faces() {
		if err := problems(t, f); err != nil {
			t.Errorf("%s %s: %v", f.kind, f.name, err)
		}
	}
}
