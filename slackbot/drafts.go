package slackbot

import (
	"sync"
	"time"

	"vpsops/slackbot/command/runner"
)

const (
	draftTime  = 10 * time.Minute
	mostDrafts = 200
)

// drafts keeps what the create forms that are open were made of: a form is laid
// out anew with every letter of a name.
type drafts struct {
	mu   sync.Mutex
	kept map[string]draft // by who fills the form in, and account
}

type draft struct {
	from runner.Choices
	at   time.Time
}

func (d *drafts) keep(key string, from runner.Choices, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.kept == nil || len(d.kept) >= mostDrafts {
		d.kept = make(map[string]draft)
	}
	d.kept[key] = draft{from, now}
}

func (d *drafts) of(key string, now time.Time) (runner.Choices, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	k, ok := d.kept[key]
	if ok && now.Sub(k.at) > draftTime {
		delete(d.kept, key)
		return runner.Choices{}, false
	}
	return k.from, ok
}
