package sandbox

import (
	"net/http"
	"time"
)

// action is one of start, stop and reboot: from one settled status through a
// passing one to another.
type action struct {
	from, through, to string
	message           string
	atLeast, atMost   time.Duration
	refusal           func(status string) string
}

var actions = map[string]action{
	"start": {
		from: StatusStopped, through: StatusStarting, to: StatusActive,
		message: "Server is starting", atLeast: 5 * time.Second, atMost: 20 * time.Second,
		refusal: refuseStart,
	},
	"stop": {
		from: StatusActive, through: StatusStopping, to: StatusStopped,
		message: "Server is stopping", atLeast: 5 * time.Second, atMost: 20 * time.Second,
		refusal: refuseNotRunning,
	},
	"reboot": {
		from: StatusActive, through: StatusRebooting, to: StatusActive,
		message: "Server is rebooting", atLeast: 20 * time.Second, atMost: time.Minute,
		refusal: refuseNotRunning,
	},
}

var provisioning = action{
	through: StatusProvisioning, to: StatusActive,
	atLeast: 2 * time.Minute, atMost: 5 * time.Minute,
}

func refuseStart(status string) string {
	switch status {
	case StatusActive, StatusStarting, StatusRebooting:
		return "Server is already running."
	case StatusSuspended:
		return "Server is suspended and cannot be started."
	}
	return "Server cannot be started while it is " + status + "."
}

func refuseNotRunning(status string) string {
	return "Server is not running (status: " + status + ")."
}

func (s *Sandbox) act(sv *server, a action) answer {
	if sv.status != a.from {
		return detail(http.StatusBadRequest, a.refusal(sv.status))
	}
	s.fleet.begin(sv, a, s.opts.Now())
	return done(reply(http.StatusOK, actionView{
		Status:  "success",
		Message: a.message,
		Server:  actedServer{ID: sv.id, Name: sv.name, Status: sv.status},
	}))
}

// begin sets a server on its way. How long it takes follows from the seed and
// the id alone.
func (f *fleet) begin(sv *server, a action, now time.Time) {
	share := float64(mix(f.seed, uint64(sv.id))>>11) / (1 << 53)
	d := float64(a.atLeast) + share*float64(a.atMost-a.atLeast)
	sv.status, sv.becomes = a.through, a.to
	sv.updated, sv.due = now, now.Add(time.Duration(min(d/f.speed, 1<<62)))
}
