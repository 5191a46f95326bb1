package fakeslack

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

const maxRequest = 4 << 20

// Args are a call's arguments, whether they came as a form or as JSON.
type Args struct {
	Token  string
	fields map[string]json.RawMessage // of a form: JSON strings

	form      bool
	noCharset bool // JSON whose content type names no charset
}

// Get is an argument as text: of JSON that is no string, the JSON.
func (a Args) Get(name string) string {
	raw := a.fields[name]
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}

// Has says whether an argument was given, empty or not.
func (a Args) Has(name string) bool { _, ok := a.fields[name]; return ok }

// JSON is an argument that holds JSON: itself, or within a string, as forms
// have it.
func (a Args) JSON(name string) json.RawMessage {
	raw := a.fields[name]
	var text string
	if json.Unmarshal(raw, &text) == nil {
		raw = json.RawMessage(text)
	}
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	return raw
}

func (a Args) bool(name string) bool {
	yes, _ := strconv.ParseBool(a.Get(name))
	return yes
}

// parseArgs reads a call as Slack does: a form, JSON, or a query; the token in
// the form or as a bearer, which comes first. JSON holds no token.
func parseArgs(r *http.Request) (Args, *apiError) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequest+1))
	if err != nil || len(body) > maxRequest {
		return Args{}, fail("request_timeout")
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil && len(body) > 0 {
		return Args{}, fail("invalid_post_type")
	}
	a, failed := parseBody(kind, body)
	if failed != nil {
		return Args{}, failed
	}
	_, charset := params["charset"]
	a.noCharset = kind == "application/json" && !charset && len(body) > 0
	if r.Method == http.MethodGet {
		a = formArgs(r.URL.Query())
	}
	a.Token = strings.TrimSpace(a.Token)
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		a.Token = strings.TrimSpace(bearer)
	}
	return a, nil
}

func parseBody(kind string, body []byte) (Args, *apiError) {
	switch {
	case kind == "application/json" && len(body) > 0:
		a := Args{}
		if json.Unmarshal(body, &a.fields) != nil {
			return Args{}, fail("invalid_json")
		}
		return a, nil
	case kind == "application/x-www-form-urlencoded", len(body) == 0:
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return Args{}, fail("invalid_form_data")
		}
		return formArgs(form), nil
	}
	return Args{}, fail("invalid_post_type")
}

func formArgs(form url.Values) Args {
	a := Args{fields: map[string]json.RawMessage{}, form: true, Token: form.Get("token")}
	for name := range form {
		if name != "token" {
			a.fields[name] = encode(form.Get(name))
		}
	}
	return a
}

// jsonArgs are the arguments in a JSON object; none in anything else.
func jsonArgs(body []byte) Args {
	a := Args{}
	_ = json.Unmarshal(body, &a.fields) // what it doesn't hold isn't there
	return a
}
