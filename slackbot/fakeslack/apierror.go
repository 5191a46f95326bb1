package fakeslack

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"vpsops/slackbot/fakeslack/blockkit"
)

// apiError is an answer with ok false.
type apiError struct {
	code       string
	messages   []string // response_metadata.messages
	more       map[string]any
	retryAfter time.Duration // where it is a 429
}

func fail(code string) *apiError { return &apiError{code: code} }

func missingScope(needed string, held []string) *apiError {
	return &apiError{code: "missing_scope", more: map[string]any{
		"needed": needed, "provided": strings.Join(held, ","),
	}}
}

// invalid is the refusal of blocks or of a view, with what is wrong in the
// messages.
func invalid(code string, problems blockkit.Problems) *apiError {
	errors := make([]string, len(problems))
	for i, said := range problems.Slack() {
		errors[i] = strings.TrimPrefix(said, "[ERROR] ")
	}
	return &apiError{code: code, messages: problems.Slack(), more: map[string]any{"errors": errors}}
}

func (e *apiError) body() map[string]any {
	body := map[string]any{"ok": false, "error": e.code}
	for name, v := range e.more {
		body[name] = v
	}
	if len(e.messages) > 0 {
		body["response_metadata"] = map[string]any{"messages": e.messages}
	}
	return body
}

// tooMany is Slack's 429.
// https://docs.slack.dev/apis/web-api/rate-limits
func (s *Slack) tooMany(w http.ResponseWriter, after time.Duration) {
	seconds := int((after + time.Second - 1) / time.Second)
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	s.answer(w, http.StatusTooManyRequests, map[string]any{"ok": false, "error": "ratelimited"})
}
