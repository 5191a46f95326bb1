package slackbot_test

import (
	"testing"
	"testing/synctest"
)

// Of two freezes of a person they may lift their own alone. The channel hears that it
// is lifted, and that the other stands, and why.
func TestALiftTellsWhatItLiftedAndWhatItDidNot(t *testing.T) {
	inWorld(t, func(w *world) {
		for _, line := range []struct{ by, says string }{
			{ana, "freeze person:ana because she is on leave"},
			{ben, "freeze person:ana because her assistant runs wild"},
			{ana, "unfreeze person:ana"},
		} {
			w.as(line.by).Types(incidents, "/vps "+line.says)
			synctest.Wait()
		}
		w.card(cy, incidents, "Lifted by", "she is on leave", "Not lifted", "her assistant runs wild", "is lifted by who put it up")
		if left := w.holds(); len(left) != 1 || left[0].Owner != "ben" {
			t.Errorf("in force are %v", left)
		}
		w.as(ana).Types(incidents, "/vps unfreeze person:ana")
		synctest.Wait()
		w.told(ana, incidents, "is lifted by who put it up")
	})
}
