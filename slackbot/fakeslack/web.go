package fakeslack

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// method is a Web API method.
type method struct {
	app    bool // it takes the app token rather than the bot's
	scopes func(*Slack, Args) []string
	call   func(*Slack, Args) (map[string]any, *apiError)
}

func scope(names ...string) func(*Slack, Args) []string {
	return func(*Slack, Args) []string { return names }
}

var methods = map[string]method{
	"api.test":              {call: func(*Slack, Args) (map[string]any, *apiError) { return map[string]any{}, nil }},
	"auth.test":             {call: (*Slack).authTest},
	"apps.connections.open": {app: true, scopes: scope("connections:write"), call: (*Slack).connectionsOpen},
	"bots.info":             {scopes: scope("users:read"), call: (*Slack).botsInfo},
	"chat.delete":           {scopes: scope("chat:write"), call: (*Slack).chatDelete},
	"chat.getPermalink":     {call: (*Slack).chatPermalink},
	"chat.postEphemeral":    {scopes: scope("chat:write"), call: (*Slack).chatPostEphemeral},
	"chat.postMessage":      {scopes: scope("chat:write"), call: (*Slack).chatPostMessage},
	"chat.update":           {scopes: scope("chat:write"), call: (*Slack).chatUpdate},
	"conversations.info":    {scopes: (*Slack).readScope, call: (*Slack).conversationsInfo},
	"conversations.members": {scopes: (*Slack).readScope, call: (*Slack).conversationsMembers},
	"conversations.open":    {scopes: scope("im:write"), call: (*Slack).conversationsOpen},
	"team.info":             {scopes: scope("team:read"), call: (*Slack).teamInfo},
	"usergroups.list":       {scopes: scope("usergroups:read"), call: (*Slack).userGroupsList},
	"usergroups.users.list": {scopes: scope("usergroups:read"), call: (*Slack).userGroupsUsersList},
	"users.info":            {scopes: scope("users:read"), call: (*Slack).usersInfo},
	"views.open":            {call: (*Slack).viewsOpen},
	"views.publish":         {call: (*Slack).viewsPublish},
	"views.push":            {call: (*Slack).viewsPush},
	"views.update":          {call: (*Slack).viewsUpdate},
}

func (s *Slack) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/api/{method}", s.serveMethod)
	mux.HandleFunc("POST /commands/{team}/{id}/{secret}", s.serveResponseURL)
	mux.HandleFunc("POST /actions/{team}/{id}/{secret}", s.serveResponseURL)
	mux.HandleFunc("GET /link", s.serveSocket)
	return mux
}

func (s *Slack) serveMethod(w http.ResponseWriter, r *http.Request) {
	args, err := parseArgs(r)
	if err != nil {
		s.answer(w, http.StatusOK, err.body())
		return
	}
	name := r.PathValue("method")
	n := s.enter(name, args)
	f := s.takeFault(name, args)
	if f.before(s, w, r, n) {
		return
	}
	body, failed := s.carryOut(name, args, n)
	if f.after(s, w, r) {
		return
	}
	s.scopeHeaders(w, name, args)
	if failed != nil && failed.retryAfter > 0 {
		s.finish(n, http.StatusTooManyRequests, failed)
		s.tooMany(w, failed.retryAfter)
		return
	}
	s.finish(n, http.StatusOK, failed)
	s.answer(w, http.StatusOK, withOK(body, failed, args.noCharset))
}

// withOK is an answer in full.
func withOK(body map[string]any, failed *apiError, noCharset bool) map[string]any {
	if failed != nil {
		body = failed.body()
	} else {
		body["ok"] = true
	}
	if noCharset {
		warn(body)
	}
	return body
}

// warn notes what Slack notes on JSON without a charset.
func warn(body map[string]any) {
	body["warning"] = "missing_charset"
	meta, _ := body["response_metadata"].(map[string]any)
	if meta == nil {
		meta = map[string]any{}
	}
	meta["warnings"] = []string{"missing_charset"}
	body["response_metadata"] = meta
}

// carryOut authorizes a call and does it.
func (s *Slack) carryOut(name string, args Args, n int) (map[string]any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, ok := methods[name]
	if !ok {
		return nil, fail("unknown_method")
	}
	if err := s.authorize(m, args); err != nil {
		return nil, err
	}
	body, err := m.call(s, args)
	s.logged(n).Done = err == nil
	return body, err
}

func (s *Slack) authorize(m method, args Args) *apiError {
	app := s.opts.App
	switch {
	case args.Token == "":
		return fail("not_authed")
	case args.Token != app.BotToken && args.Token != app.AppToken:
		return fail("invalid_auth")
	case s.state.revoked != "":
		return fail(s.state.revoked)
	case m.app != (args.Token == app.AppToken):
		return fail("not_allowed_token_type")
	}
	if m.scopes == nil {
		return nil
	}
	held := s.held(args.Token)
	for _, needed := range m.scopes(s, args) {
		if !slices.Contains(held, needed) {
			return missingScope(needed, held)
		}
	}
	return nil
}

// held are the scopes of a token. Callers hold s.mu.
func (s *Slack) held(token string) []string {
	switch token {
	case s.opts.App.BotToken:
		return s.state.scopes
	case s.opts.App.AppToken:
		return s.opts.App.AppScopes
	}
	return nil
}

func (s *Slack) scopeHeaders(w http.ResponseWriter, name string, args Args) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if held := s.held(args.Token); held != nil {
		w.Header().Set("X-OAuth-Scopes", strings.Join(held, ","))
	}
	if m := methods[name]; m.scopes != nil {
		w.Header().Set("X-Accepted-OAuth-Scopes", strings.Join(m.scopes(s, args), ","))
	}
}

func (s *Slack) answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that has gone needs no answer
}
