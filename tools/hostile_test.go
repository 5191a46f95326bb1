//go:build hostile

package tools_test

import (
	"flag"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vpsops/policy"
)

var (
	hostileSteps = flag.Int("steps", 20_000, "how many steps the worst-case assistant takes")
	hostileSeed  = flag.Uint64("seed", 1, "what its steps are drawn by")
)

const stepsPerSiege = 1000

// The claim of the whole: with the model, and its client wherever a person is
// wanted, in an attacker's hands, no change reaches the API without the yes
// that the policy wants, and none twice.
func TestAWorstCaseAssistantChangesNothingByItself(t *testing.T) {
	alone, team, strict := hostileRules(t)
	kinds := []struct {
		houses   []*houseRules
		readOnly bool
	}{
		{houses: []*houseRules{alone}},
		{houses: []*houseRules{team}},
		{houses: []*houseRules{team, strict}},
		{houses: []*houseRules{alone, strict}},
		{houses: []*houseRules{team}},
		{houses: []*houseRules{alone}, readOnly: true},
	}
	sieges := max(1, *hostileSteps/stepsPerSiege)
	began := time.Now()
	var next, sent, cast atomic.Int64
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < sieges; i = int(next.Add(1)) - 1 {
				kind, seed := kinds[i%len(kinds)], *hostileSeed+uint64(i)
				t.Run(fmt.Sprint(seed), func(t *testing.T) {
					besiege(t, seed, kind.houses, kind.readOnly, func(s *siege) {
						for range stepsPerSiege {
							s.step()
							time.Sleep(time.Millisecond) // what follows by itself comes first
						}
						time.Sleep(time.Hour) // what is under way comes to its end
						sent.Add(int64(s.judge()))
						for _, c := range s.consents {
							cast.Add(int64(len(c)))
						}
					})
				})
			}
		})
	}
	all.Wait()
	took := time.Since(began)
	t.Logf("%d steps in %s, %.0f a second: %d votes, %d calls of the API", sieges*stepsPerSiege, took.Round(time.Second),
		float64(sieges*stepsPerSiege)/took.Seconds(), cast.Load(), sent.Load())
	if int(sent.Load()) < sieges || int(cast.Load()) < sieges {
		t.Error("next to nothing was voted on or sent: this proves nothing")
	}
}

func (s *siege) step() {
	switch n := s.rand.IntN(100); {
	case n < 40:
		s.ask()
	case n < 52:
		s.answer()
	case n < 60:
		s.replayAtOnce()
	case n < 68:
		s.askOld()
	case n < 74:
		s.follow()
	case n < 78:
		s.garbage()
	case n < 90:
		s.vote()
	case n < 94:
		s.disturb()
	case n < 96:
		s.force.Store(pick(s.rand, s.houses...))
	default:
		time.Sleep(pick(s.rand, time.Second, 20*time.Second, time.Minute, 6*time.Minute, 20*time.Minute, time.Hour))
	}
}

var hostileActions = []policy.Action{
	policy.Create, policy.Update, policy.Update, policy.Start, policy.Stop, policy.Reboot, policy.Reboot, policy.Delete, policy.Delete,
}
