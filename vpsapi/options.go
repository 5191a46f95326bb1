package vpsapi

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// DefaultBaseURL is the address of the API.
const DefaultBaseURL = "https://admin.vps.org/api/v1"

// Option sets up a [Reader] or a [Writer].
type Option func(*settings) error

type settings struct {
	base         *url.URL // without a final slash
	userAgent    string
	tokenName    string
	logger       *slog.Logger
	observe      func(context.Context, CallInfo)
	transport    *http.Transport
	backoff      func(try int) time.Duration
	readTimeout  time.Duration
	writeTimeout time.Duration
}

func newSettings(token Token, opts []Option) (*settings, error) {
	s := &settings{
		userAgent:    "vpsapi-go",
		logger:       slog.New(slog.DiscardHandler),
		observe:      func(context.Context, CallInfo) {},
		backoff:      fullJitter,
		readTimeout:  DefaultReadTimeout,
		writeTimeout: DefaultWriteTimeout,
	}
	if err := checkToken(token); err != nil {
		return nil, err
	}
	for _, opt := range append([]Option{WithBaseURL(DefaultBaseURL)}, opts...) {
		if err := opt(s); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// WithBaseURL sets the API's address, [DefaultBaseURL] without it. It must be https, but for a loopback host (127.0.0.0/8, ::1,
// localhost), and hold no user, query, fragment or escaped slash. The token goes to this origin only.
func WithBaseURL(address string) Option {
	return func(s *settings) error {
		base, err := url.Parse(strings.TrimRight(address, "/"))
		if err != nil {
			return &OptionError{Option: "base URL", Reason: "not a URL; a right one is " + DefaultBaseURL}
		}
		if reason := baseURLFault(base); reason != "" {
			return &OptionError{Option: "base URL", Reason: reason + "; a right one is " + DefaultBaseURL}
		}
		s.base = base
		return nil
	}
}

// WithUserAgent sets the User-Agent header, printable ASCII.
func WithUserAgent(name string) Option {
	return func(s *settings) error {
		for _, c := range []byte(name) {
			if c < ' ' || c > '~' {
				return &OptionError{Option: "user agent", Reason: "holds characters outside printable ASCII"}
			}
		}
		s.userAgent = name
		return nil
	}
}

// WithTokenName says what errors call the token, such as the variable that it is set by: [APIError.TokenName]. It must not be
// the token.
func WithTokenName(name string) Option {
	return func(s *settings) error {
		s.tokenName = name
		return nil
	}
}

// WithLogger logs every call: at debug level when it went well, at info when a read is tried again, at warn when a write's outcome
// is unknown. It logs ids and messages, never the token or a body. Nothing is logged without it.
func WithLogger(logger *slog.Logger) Option {
	return func(s *settings) error {
		if logger != nil {
			s.logger = logger
		}
		return nil
	}
}

// WithObserver is told of every finished call, with the caller's context, for metrics and traces. It is called on the caller's
// goroutine, from several at once, and must be quick.
func WithObserver(observe func(context.Context, CallInfo)) Option {
	return func(s *settings) error {
		if observe != nil {
			s.observe = observe
		}
		return nil
	}
}

// WithTransport takes the dialer (DialContext), the proxy, the TLS settings and the time-outs of transport, which is copied. What
// the client's promises hang on stays the client's own: HTTP/1.1, a fresh connection for each write, no compression or redirect
// behind its back. A DialTLSContext is not used.
//
// Without it, the proxy of the environment (HTTPS_PROXY, NO_PROXY) applies, but never to a loopback address: a proxy sees the
// API's host name and, inside TLS, nothing of the calls.
func WithTransport(transport *http.Transport) Option {
	return func(s *settings) error {
		s.transport = transport
		return nil
	}
}

// WithBackoff sets the wait before a read is tried again; try counts from 1, the first repetition. Without it the wait is random
// between zero and a bound that doubles from 0.2 to 5 seconds. A Retry-After of the API lengthens the wait.
func WithBackoff(wait func(try int) time.Duration) Option {
	return func(s *settings) error {
		if wait != nil {
			s.backoff = wait
		}
		return nil
	}
}

// WithReadTimeout bounds one try of a read; a list gets twice as long. [DefaultReadTimeout] without it.
func WithReadTimeout(d time.Duration) Option {
	return func(s *settings) error { return setTimeout(&s.readTimeout, "read time-out", d) }
}

// WithWriteTimeout bounds a write, from dialling to the last byte of the answer. [DefaultWriteTimeout] without it.
func WithWriteTimeout(d time.Duration) Option {
	return func(s *settings) error { return setTimeout(&s.writeTimeout, "write time-out", d) }
}

func setTimeout(to *time.Duration, name string, d time.Duration) error {
	if d <= 0 {
		return &OptionError{Option: name, Reason: "must be above zero"}
	}
	*to = d
	return nil
}

// baseURLFault says why the token must not be sent to base, or nothing.
func baseURLFault(base *url.URL) string {
	switch {
	case base.Hostname() == "":
		return "no host"
	case base.Scheme != "https" && base.Scheme != "http":
		return "neither https nor http"
	case base.Scheme == "http" && !isLoopback(base.Hostname()):
		return "http would show the token to the network: only https, but for loopback"
	case base.User != nil:
		return "holds a user or password"
	case base.RawQuery != "" || base.ForceQuery || base.Fragment != "":
		return "holds a query or fragment"
	case base.RawPath != "":
		return "holds an escaped character in its path, such as %2F for a slash"
	}
	return ""
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}
