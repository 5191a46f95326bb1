package sandbox

import (
	"math"
	"time"
)

type usageView struct {
	CPUPercent    float64 `json:"cpu_percent"`
	MemoryUsed    int     `json:"memory_used"`
	DiskUsed      int     `json:"disk_used"`
	BandwidthUsed int     `json:"bandwidth_used"`
}

// usage invents figures about what the page shows for its server (a quarter
// of the CPU, half of the memory), that drift with the hours. A server that
// does not run uses its disk and has used its bandwidth, nothing else.
func usage(seed uint64, sv *server, now time.Time) usageView {
	if sv.status == StatusProvisioning {
		return usageView{}
	}
	h := mix(seed, uint64(sv.id))
	share := func(shift uint) float64 { return float64(h>>shift%1000) / 1000 }
	u := usageView{
		DiskUsed:      int(float64(sv.plan.Storage) * (0.2 + 0.5*share(0))),
		BandwidthUsed: int(float64(sv.plan.Bandwidth) * monthPassed(now) * (0.1 + 0.5*share(10))),
	}
	if sv.status == StatusStopped || sv.status == StatusSuspended {
		return u
	}
	wave := math.Sin(2*math.Pi*(float64(now.Unix()%7200)/7200) + 6*share(20))
	u.CPUPercent = math.Round(10*(8+40*share(30)+6*wave)) / 10
	u.MemoryUsed = int(float64(sv.plan.Memory) * (0.3 + 0.4*share(40) + 0.05*wave))
	return u
}

// monthPassed is how much of the calendar month is over, from 0 to 1.
func monthPassed(now time.Time) float64 {
	now = now.UTC()
	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	return float64(now.Sub(first)) / float64(first.AddDate(0, 1, 0).Sub(first))
}
