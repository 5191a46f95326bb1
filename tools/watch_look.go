package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"strings"

	"golang.org/x/sync/errgroup"

	"vpsops/policy"
	"vpsops/vpsapi"
)

// gone is what a server stands for that is no more.
const gone = "gone"

var seed = maphash.MakeSeed()

// baseline is how the resources stand when somebody subscribes: they are told
// of what comes after.
func (t *toolset) baseline(ctx context.Context, s *subscriber, uris []string) []*interest {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	var interests []*interest
	var looks errgroup.Group
	looks.SetLimit(8)
	for _, uri := range uris {
		key, err := t.keyOf(uri)
		if err != nil {
			continue
		}
		i := &interest{resourceKey: key, by: s, uri: uri}
		interests = append(interests, i)
		looks.Go(func() error { t.begin(ctx, i); return nil })
	}
	_ = looks.Wait() // each notes its own
	return interests
}

func (t *toolset) begin(ctx context.Context, i *interest) {
	switch {
	case i.kind == kindRequests:
		i.seen = t.requestStands(ctx, i.by.actor, i.id)
	case i.kind == kindServers && i.id != "":
		server, now := t.serverStands(ctx, i.account, i.id)
		if server == nil && now != gone || server != nil && !t.Desk.Sees(i.by.actor, policy.Get, i.account, server) {
			return
		}
		i.seen, i.last = now, server
	case i.kind == kindServers:
		i.seen = t.listBegins(ctx, i.by.actor, i.account)
	}
}

// lookAtRequest tells whom a request concerns, where the ledger has it otherwise
// than it was.
func (w *watch) lookAtRequest(ctx context.Context, key resourceKey) {
	interests := w.of(ctx, key)
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	for _, i := range interests {
		if now := w.t.requestStands(ctx, i.by.actor, key.id); now != "" {
			w.stands(i, now)
		}
	}
}

// askAPI tells whom a resource concerns, where the API has it otherwise than it
// was. How a request's server came on is noted in the ledger, where it is news.
func (w *watch) askAPI(ctx context.Context, key resourceKey) {
	interests := w.of(ctx, key)
	if len(interests) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	switch {
	case key.kind == kindRequests:
		for _, i := range interests {
			if _, err := w.t.Desk.Request(ctx, i.by.actor, key.id); err == nil {
				return
			}
		}
	case key.kind == kindServers && key.id != "":
		w.lookAtServer(ctx, key, interests)
	case key.kind == kindServers:
		w.lookAtList(ctx, key, interests)
	}
}

// requestStands is how a request stands to an actor, as the ledger has it; ""
// where it is none of their business, or isn't known.
func (t *toolset) requestStands(ctx context.Context, actor policy.Actor, id string) string {
	v, err := t.Desk.Look(ctx, actor, id)
	if err != nil {
		return ""
	}
	return strings.Join(append(v.NeedLines(), string(v.State), string(v.Outcome), v.ServerStatus, v.Message()), "\n")
}

// lookAtServer reads a server once for all.
func (w *watch) lookAtServer(ctx context.Context, key resourceKey, interests []*interest) {
	server, now := w.t.serverStands(ctx, key.account, key.id)
	for _, i := range interests {
		known := server
		if now == gone {
			known = i.last
		}
		if known == nil || !w.t.Desk.Sees(i.by.actor, policy.Get, key.account, known) {
			continue
		}
		i.last = known
		w.stands(i, now)
	}
}

// serverStands reads a server, without its load, which never rests. now is ""
// where it can't be read.
func (t *toolset) serverStands(ctx context.Context, account, id string) (server *vpsapi.Server, now string) {
	parsed, err := vpsapi.ParseID(id)
	if err != nil {
		return nil, ""
	}
	source, err := t.Desk.Source(account)
	if err != nil {
		return nil, ""
	}
	read, err := source.Reader.GetServer(ctx, parsed)
	if errors.Is(err, vpsapi.ErrNotFound) {
		return nil, gone
	}
	if err != nil {
		return nil, ""
	}
	read.ResourceUsage = nil
	return &read, digest(read)
}

func digest(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return fmt.Sprint(maphash.Bytes(seed, text))
}
