package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

const (
	keepAlive   = 15 * time.Second       // between signs of life, and looks at the sign-in
	eventPause  = 250 * time.Millisecond // what changes in between is told once
	writeWithin = 10 * time.Second       // or the reader is gone
)

// showing is what a page shows, as far as its stream of events goes.
type showing struct {
	// concerns tells whether a request that was written may be on the page.
	concerns func(ctx context.Context, id string) bool
	// face is a short text that is another one when the page would look
	// another way. It is [gate.ErrNotFound] where there is nothing to see any
	// more.
	face func(ctx context.Context) (string, error)
}

// requestEvents tells a request's page when to look again.
func (p *page) requestEvents(w http.ResponseWriter, r *http.Request, v visitor) {
	id := r.PathValue("id")
	view, err := p.Ballot.Request(r.Context(), v.actor(), id)
	switch {
	case errors.Is(err, gate.ErrNotFound):
		p.notFound(w, r)
		return
	case err != nil:
		p.fail(w, r, err)
		return
	}
	if view.Followed() {
		go p.followServer(r.Context(), id)
	}
	p.stream(w, r, v, showing{
		concerns: func(_ context.Context, changed string) bool { return changed == id },
		face: func(ctx context.Context) (string, error) {
			view, err := p.Ballot.Request(ctx, v.actor(), id)
			if view.Followed() {
				go p.followServer(r.Context(), id)
			}
			return faceOf(view), err
		},
	})
}

// followServer has the ledger told where the server of an accepted action is,
// while somebody looks.
func (p *page) followServer(ctx context.Context, id string) {
	if !p.following.begin(id) {
		return
	}
	defer p.following.end(id)
	if err := p.Ballot.Follow(ctx, id); err != nil && ctx.Err() == nil {
		p.Logger.Info("the server of a request could not be followed", "request", id, "error", err)
	}
}

// listEvents tells the list of requests when to look again.
func (p *page) listEvents(w http.ResponseWriter, r *http.Request, v visitor) {
	p.stream(w, r, v, showing{
		concerns: func(ctx context.Context, changed string) bool {
			_, err := p.Ballot.Request(ctx, v.actor(), changed)
			return err == nil
		},
		face: func(ctx context.Context) (string, error) {
			lists, err := p.lists(ctx, v)
			return lists.face, err
		},
	})
}

// stream answers with server-sent events (HTML, 9.2): "look" where the page
// would look another way, "end" where the visitor is not signed in any more. A
// page names the face that it shows, so that nothing is missed between its
// making and its stream.
func (p *page) stream(w http.ResponseWriter, r *http.Request, v visitor, s showing) {
	if r.Method == http.MethodHead { // an answer without a body has no end of its own
		setEventHeaders(w)
		return
	}
	leave, err := p.streams.join(v.Binding)
	if err != nil {
		w.Header().Set("Retry-After", "60")
		http.Error(w, "too many pages are open; reload this one to see how it stands", http.StatusTooManyRequests)
		return
	}
	defer leave()
	changes := p.Ballot.Changes()
	defer changes.Close()
	out := eventWriter{w, http.NewResponseController(w)}
	if err := out.begin(); err != nil {
		return
	}
	alive := time.NewTicker(p.KeepAlive)
	defer alive.Stop()
	look := watcher{page: p, visitor: v, request: r, showing: s, last: r.URL.Query().Get("face")}
	for {
		event := look.again()
		if err := out.write(event); err != nil || event == eventEnd {
			return
		}
		if !look.wait(changes, alive.C) {
			return
		}
	}
}

// watcher is one stream's look at the ledger.
type watcher struct {
	page    *page
	visitor visitor
	request *http.Request
	showing showing
	last    string // the face that the page shows
}

// again says what to tell the page now: nothing, as a rule.
func (w *watcher) again() event {
	ctx := w.request.Context()
	now, err := w.page.visitor(w.request)
	if err == nil && (now.Binding != w.visitor.Binding || now.Person != w.visitor.Person) {
		err = ledger.ErrNotFound
	}
	var face string
	if err == nil {
		face, err = w.showing.face(ctx)
	}
	switch {
	case errors.Is(err, ledger.ErrNotFound), errors.Is(err, gate.ErrNotFound):
		return eventEnd
	case err != nil:
		w.page.Logger.Info("an event stream could not look", "path", w.request.URL.Path, "error", err)
		return eventNone
	case face == w.last:
		return eventNone
	}
	w.last = face
	return eventLook
}

// wait returns when there may be something to tell, or false when the stream
// is over.
func (w *watcher) wait(changes *ledger.Changes, alive <-chan time.Time) bool {
	for {
		select {
		case <-w.request.Context().Done():
			return false
		case <-w.page.streams.done:
			return false
		case <-alive:
			return true
		case <-changes.C():
		}
		if !w.concerned(changes) {
			continue
		}
		select {
		case <-time.After(eventPause):
			changes.Take() // it is in what is looked at now
			return true
		case <-w.request.Context().Done():
			return false
		}
	}
}

func (w *watcher) concerned(changes *ledger.Changes) bool {
	ids, lost := changes.Take()
	if lost {
		return true
	}
	for _, id := range ids {
		if w.showing.concerns(w.request.Context(), id) {
			return true
		}
	}
	return false
}
