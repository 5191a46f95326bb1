package fakeslack

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"time"
)

// How long and how often a response_url takes a message.
// https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
const (
	ResponseURLLife = 30 * time.Minute
	ResponseURLUses = 5
)

// responseURL is an address by which an app answers one action.
type responseURL struct {
	user, channel, thread string
	original              string // the message that the action was in
	made                  time.Time
	uses                  int
}

// newResponseURL makes one. Callers hold s.mu.
func (s *Slack) newResponseURL(kind string, r responseURL) string {
	r.made = s.now()
	path := "/" + kind + "/" + s.opts.Team.ID + "/" + digits(s.timestamp()) + "/" + s.secret(kind)
	s.state.responses[path] = &r
	return s.base + path
}

func (s *Slack) serveResponseURL(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, maxRequest)) // what is cut short is no JSON
	args := Args{}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	isJSON := kind == "application/json" && json.Unmarshal(body, &args.fields) == nil
	n := s.enter("response_url", args)
	f := s.takeFault("response_url", args)
	if f.before(s, w, r, n) {
		return
	}
	status, failed := s.respond(r.URL.Path, args, isJSON, n)
	if f.after(s, w, r) {
		return
	}
	s.finish(n, status, failed)
	if failed != nil {
		s.answer(w, status, failed.body())
		return
	}
	s.answer(w, status, map[string]any{"ok": true})
}

// respond carries out what an app posts to a response_url.
func (s *Slack) respond(path string, args Args, isJSON bool, n int) (int, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.state.responses[path]
	switch {
	case !ok:
		return http.StatusNotFound, fail("no_service")
	case s.now().Sub(r.made) > ResponseURLLife:
		return http.StatusNotFound, fail("expired_url")
	case r.uses >= ResponseURLUses:
		return http.StatusNotFound, fail("used_url")
	case !isJSON:
		return http.StatusBadRequest, fail("invalid_payload")
	}
	r.uses++
	if failed := s.answerAction(r, args); failed != nil {
		return http.StatusBadRequest, failed
	}
	s.logged(n).Done = true
	s.change()
	return http.StatusOK, nil
}

// answerAction posts, replaces or deletes. A private message stays private,
// whatever response_type says. Callers hold s.mu.
func (s *Slack) answerAction(r *responseURL, args Args) *apiError {
	original := s.find(r.channel, r.original)
	if args.bool("delete_original") {
		if original != nil {
			original.Deleted = true
		}
		return nil
	}
	m, failed := s.content(args, maxPostText)
	if failed != nil {
		return failed
	}
	if args.bool("replace_original") && original != nil {
		original.replace(m)
		return nil
	}
	m.Channel, m.ThreadTS = r.channel, args.Get("thread_ts")
	if args.Get("response_type") != "in_channel" {
		m.Ephemeral, m.To = true, r.user
	}
	s.post(m)
	return nil
}
