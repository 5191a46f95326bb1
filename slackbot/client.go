package slackbot

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/slack-go/slack"
)

const callTimeout = 10 * time.Second // of one call of Slack's Web API

// NewClient makes a client of Slack's Web API. It gives up on an answer that
// does not come, and sends nothing a second time: of a call without an answer
// Slack may have done what it said. appToken, for Socket Mode, may be "", and
// apiURL is "" for Slack's own.
func NewClient(token, appToken, apiURL string) *slack.Client {
	opts := []slack.Option{slack.OptionHTTPClient(&http.Client{Timeout: callTimeout, Transport: transport(), CheckRedirect: noRedirect})}
	if appToken != "" {
		opts = append(opts, slack.OptionAppLevelToken(appToken))
	}
	if apiURL != "" {
		opts = append(opts, slack.OptionAPIURL(strings.TrimSuffix(apiURL, "/")+"/"))
	}
	return slack.New(token, opts...)
}

// transport keeps enough connections for a busy workspace.
func transport() *http.Transport {
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, TLSHandshakeTimeout: callTimeout,
		MaxIdleConnsPerHost: 16, IdleConnTimeout: time.Minute,
	}
}

// noRedirect keeps the token from being carried elsewhere.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// codeOf is the error code of a call that Slack refused, such as
// "channel_not_found", or "".
func codeOf(err error) string {
	var refused slack.SlackErrorResponse
	if errors.As(err, &refused) {
		return refused.Err
	}
	return ""
}

// errNoAnswer is an answer that says neither that it was done nor why not:
// {"ok":false} alone passes for success in the library.
var errNoAnswer = errors.New("slack said neither that it was done nor why not")
