package vpsapi

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// call is one operation on its way through the pipeline.
type call struct {
	op     *operation
	url    *url.URL
	body   []byte // JSON, or nil
	before []func(context.Context) error
	accept func(*answer) error // decodes and checks a success; nil where it has no body
	until  time.Time           // the end of a read as a whole; zero where its context alone tells
	shared bool                // its answer or error came from another caller's flight
}

// answer is what came back: the headers, and as much of the body as did.
type answer struct {
	status   int
	header   http.Header
	body     []byte
	bodyErr  error // why body isn't whole
	plain    bool  // body was looked through, and is plain JSON
	attempts int   // how often the call was sent
}

// handler is one step of the pipeline, with all that follow it.
type handler func(ctx context.Context, c *call) (*answer, error)

// newCall fills an operation's route.
func (c *client) newCall(op *operation, id ID, query url.Values) (*call, error) {
	target := *c.base
	before, after, hasID := strings.Cut(op.route, "{id}")
	if hasID {
		segment, err := id.segment()
		if err != nil {
			return nil, err
		}
		before += segment + after
	}
	target.Path = c.base.Path + before // an id's characters are the same escaped and not
	target.RawPath = ""
	target.RawQuery = query.Encode()
	return &call{op: op, url: &target}, nil
}
