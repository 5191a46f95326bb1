package uptime_test

import (
	"testing"
	"time"

	"vpsops/internal/uptime"
)

func TestItGoesOnAsTimeDoes(t *testing.T) {
	clock := uptime.Clock()
	if clock == nil {
		t.Skip("this system has no such clock")
	}
	wall, first := time.Now(), clock()
	for clock() == first {
		if time.Since(wall) > 10*time.Second {
			t.Fatal("it stands still")
		}
	}
	if passed := clock() - first; passed < 0 || passed > time.Since(wall)+time.Minute {
		t.Errorf("%s have passed by it, %s by the wall clock", passed, time.Since(wall))
	}
}
