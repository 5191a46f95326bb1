package slackbot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/slack-go/slack"

	"vpsops/slackbot/card"
)

// hookOrigin is where Slack's response addresses are.
const hookOrigin = "https://hooks.slack.com"

const maxHookAnswer = 4 << 10

// reply is what is posted to a response address: Slack's own client library
// loses the answer's body, which is all that tells a used address from an old
// one (https://docs.slack.dev/interactivity/handling-user-interaction).
type reply struct {
	Type            string        `json:"response_type,omitempty"`
	Text            string        `json:"text,omitempty"`
	Blocks          []slack.Block `json:"blocks,omitempty"`
	ReplaceOriginal *bool         `json:"replace_original,omitempty"`
}

func private(m card.Message) reply {
	return reply{Type: slack.ResponseTypeEphemeral, Text: m.Text, Blocks: m.Blocks, ReplaceOriginal: new(bool)}
}

func shared(m card.Message) reply {
	r := private(m)
	r.Type = slack.ResponseTypeInChannel
	return r
}

func replacing(m card.Message) reply {
	yes := true
	return reply{Text: m.Text, Blocks: m.Blocks, ReplaceOriginal: &yes}
}

// responder posts to response addresses.
type responder struct {
	client *http.Client
	origin string // a second origin that is taken, for tests; or ""
}

func newResponder(client *http.Client, origin string) *responder {
	if client == nil {
		client = &http.Client{Timeout: callTimeout, Transport: transport(), CheckRedirect: noRedirect}
	}
	return &responder{client, origin}
}

// hookError is an answer of a response address that isn't a yes.
type hookError struct {
	status int
	body   string // such as used_url or expired_url
}

func (e *hookError) Error() string {
	return fmt.Sprintf("slack's response address answered %d: %.100q", e.status, e.body)
}

// send posts once. An address that isn't Slack's is not called: it would be
// told what only its asker may read.
func (r *responder) send(ctx context.Context, address string, m reply) error {
	if !r.taken(address) {
		return fmt.Errorf("a response address is none of Slack's: %.80q", address)
	}
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout+time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.GetBody = nil // a broken connection does not post it twice
	res, err := r.client.Do(req)
	if err != nil {
		return withoutAddress(err)
	}
	defer func() { _ = res.Body.Close() }()
	said, err := io.ReadAll(io.LimitReader(res.Body, maxHookAnswer))
	if err != nil {
		return err
	}
	return hookAnswer(res.StatusCode, said)
}

// withoutAddress is a client's error without the address, by which whoever reads
// the log could answer in our name.
func withoutAddress(err error) error {
	var called *url.Error
	if errors.As(err, &called) {
		return called.Err
	}
	return err
}

func hookAnswer(status int, body []byte) error {
	var said struct {
		OK    *bool  `json:"ok"`
		Error string `json:"error"`
	}
	refused := json.Unmarshal(body, &said) == nil && said.OK != nil && !*said.OK
	if status == http.StatusOK && !refused {
		return nil
	}
	if said.Error != "" {
		return &hookError{status, said.Error}
	}
	return &hookError{status, string(body)}
}

func (r *responder) taken(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.User != nil {
		return false
	}
	origin := u.Scheme + "://" + u.Host
	return origin == hookOrigin || r.origin != "" && origin == r.origin
}
