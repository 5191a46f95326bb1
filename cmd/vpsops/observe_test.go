package main

import (
	"errors"
	"testing"
	"time"

	"vpsops/internal/uptime"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
)

// How old an answer's date is, nobody knows where the machine slept on the way: a
// clock that is right must not be taken for wrong by it.
func TestAnAnswerThatTheMachineSleptThroughTellsNoTime(t *testing.T) {
	up := uptime.Clock()
	if up == nil {
		up = func() time.Duration { return 0 } // the system has none
	}
	for name, c := range map[string]struct {
		byWall time.Duration // how long ago the call began
		took   time.Duration // what its length is without sleep
		heard  bool          // and so this machine's clock, an hour ahead of the date, is held for wrong
	}{
		"it was awake":               {byWall: time.Second, took: time.Second, heard: true},
		"it slept":                   {byWall: time.Hour, took: time.Second},
		"its clock was set backward": {byWall: -time.Hour, took: time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			program := core{gate: gate.New(gate.Config{Ledger: ledger.NewMemory(), Uptime: up})}
			now := time.Now()
			program.observe(t.Context(), vpsapi.CallInfo{Began: now.Add(-c.byWall), Duration: c.took, Date: now.Add(-time.Hour)})
			var off *ledger.ClockError
			if err := program.gate.CheckClock(t.Context()); errors.As(err, &off) != c.heard {
				t.Errorf("the clock: %v", err)
			}
		})
	}
}
