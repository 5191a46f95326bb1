package webhook

import (
	"errors"
	"net/http"

	"vpsops/slackbot/delivery"
)

// Why a delivery was refused.
const (
	NotSigned        = "it isn't signed"
	WrongSignature   = "its signature is wrong"
	WrongTime        = "its timestamp is more than five minutes off"
	Replayed         = "it was delivered before"
	OtherApp         = delivery.OtherApp
	OtherTeam        = delivery.OtherTeam
	TooLarge         = "its body is too large"
	WrongMethod      = "its method isn't POST"
	WrongContentType = "its content type is wrong"
	Malformed        = delivery.Malformed
)

// refusal is a delivery that isn't taken, and what the sender is answered.
type refusal struct {
	status int
	why    string
}

func (r *refusal) Error() string { return r.why }

func foreign(err error) error {
	why := delivery.Why(err)
	if why == Malformed {
		return &refusal{http.StatusBadRequest, why}
	}
	return &refusal{http.StatusUnauthorized, why}
}

// refuse answers what err says. A handler's own error is not shown: Slack tells
// the person that the app failed, or sends an event again.
func (h *webhook) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var why *refusal
	if !errors.As(err, &why) {
		h.Logger.Error("a delivery of Slack's was not taken", "path", r.URL.Path, "err", err)
		http.Error(w, "not taken", http.StatusInternalServerError)
		return
	}
	h.Refused(why.why)
	h.Logger.Warn("a delivery was refused", "path", r.URL.Path, "why", why.why, "from", r.RemoteAddr)
	http.Error(w, "refused: "+why.why, why.status)
}

// acknowledge answers 200 with the body. Slack shows a command's to the asker,
// and takes a form's faults or a menu's options from it.
func (h *webhook) acknowledge(w http.ResponseWriter, ack delivery.Ack) {
	if len(ack.Body) == 0 {
		w.WriteHeader(http.StatusOK)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if _, err := w.Write(ack.Body); err != nil {
		h.Logger.Warn("an acknowledgement didn't reach Slack", "err", err)
	}
}
