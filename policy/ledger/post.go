package ledger

import "time"

// Post is the record of a message that a front end keeps in step with a
// request, so that any process can bring it up to date, also after a restart.
// It is no part of the audit trail.
type Post struct {
	RequestID  string // or what else the message is about: no request's id
	Name       string // which of the request's messages: each name once
	Version    int64  // counts the writes; 0 for one that is not kept yet
	Channel    string
	Message    string    // its id at the front end; "" until it stands there
	Face       string    // digest of what it shows
	TakenUntil time.Time // who writes it now has until then; others wait
	Problem    string    // why it could not be written; "" where it could
	Done       bool      // nothing follows
	At         time.Time // when it was made
}

type postKey struct{ request, name string }

const postColumns = "request_id, name, version, channel, message, face, taken_until, problem, done, at"

func scanPost(p *Post) []any {
	return []any{
		(*column)(&p.RequestID), (*column)(&p.Name), &p.Version, (*column)(&p.Channel), (*column)(&p.Message), (*column)(&p.Face),
		(*timeColumn)(&p.TakenUntil), (*column)(&p.Problem), (*flagColumn)(&p.Done), (*timeColumn)(&p.At),
	}
}

func (v *sqlView) Posts(requestID string) ([]Post, error) {
	return collect(v, "read messages", "SELECT "+postColumns+" FROM posts WHERE request_id = ? ORDER BY name", []any{toText(requestID)}, scanPost, nil)
}

func (v *sqlView) OpenPosts(limit int) ([]Post, error) {
	return collect(v, "read messages", "SELECT "+postColumns+" FROM posts WHERE done = 0 ORDER BY at LIMIT ?", []any{limit}, scanPost, nil)
}

func (t *sqlTx) PutPost(p Post) (Post, error) {
	var before string
	if p.Version > 0 {
		err := t.one("read a message", "SELECT problem FROM posts WHERE request_id = ? AND name = ? AND version = ?",
			[]any{toText(p.RequestID), toText(p.Name), p.Version}, (*column)(&before))
		if err == ErrNotFound { //nolint:errorlint // one returns it as it is
			return Post{}, ErrConflict
		}
		if err != nil {
			return Post{}, err
		}
		if _, err := t.do("write a message", "DELETE FROM posts WHERE request_id = ? AND name = ?", toText(p.RequestID), toText(p.Name)); err != nil {
			return Post{}, err
		}
	}
	p.Version++
	rows, err := t.do("write a message", "INSERT INTO posts ("+postColumns+") VALUES ("+placeholders(10)+") ON CONFLICT (request_id, name) DO NOTHING",
		toText(p.RequestID), toText(p.Name), p.Version, toText(p.Channel), toText(p.Message), toText(p.Face),
		nanos(p.TakenUntil), toText(p.Problem), fromFlag(p.Done), nanos(p.At))
	if err == nil && rows == 0 {
		return Post{}, ErrConflict
	}
	if err == nil && p.Problem != before {
		t.touch(p.RequestID)
	}
	return p, err
}
