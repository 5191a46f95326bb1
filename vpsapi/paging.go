package vpsapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"strings"
)

// maxPages bounds a list: at 100 rows a page, a million.
const maxPages = 10_000

// listPage is a list's answer. Without next, the list is whole.
type listPage[T any] struct {
	Count    int    `json:"count"`
	Next     string `json:"next"`
	Previous string `json:"previous"`
	Results  []T    `json:"results"`

	op     *operation
	number int
}

// identified is what a list lists. It is told from others by its id, and nothing can be done with one that has none.
type identified interface{ identity() ID }

func (s *Server) identity() ID    { return s.ID }
func (r *ServerRow) identity() ID { return r.ID }
func (p *Plan) identity() ID      { return p.ID }

// decode refuses an object that is no list. A list without rows has them as [].
func (p *listPage[T]) decode(got *answer) error {
	if err := json.Unmarshal(got.body, p); err != nil {
		return err
	}
	if p.Results == nil {
		return errors.New("no results in it")
	}
	for i := range p.Results {
		if row, ok := any(&p.Results[i]).(identified); ok && row.identity().IsZero() {
			return fmt.Errorf("row %d has no id", i+1)
		}
	}
	p.Count = max(p.Count, len(p.Results))
	return nil
}

// whole reports whether the API gave everything at once.
func (p *listPage[T]) whole() bool {
	return p.Next == "" && p.Previous == "" && p.Count == len(p.Results)
}

// stuck refuses a page that says there is more while it brought nothing that wasn't seen.
func (p *listPage[T]) stuck(fresh int) error {
	if fresh > 0 || p.Next == "" {
		return nil
	}
	return &PagingError{Operation: p.op.name, Page: p.number, Reason: "the page holds nothing new and still points to a next one"}
}

// pages yields a list's pages. An error is yielded last.
func pages[T any](ctx context.Context, c *client, op *operation, query url.Values) iter.Seq2[*listPage[T], error] {
	return func(yield func(*listPage[T], error) bool) {
		call, err := c.newCall(op, ID{}, query)
		if err != nil {
			yield(nil, err)
			return
		}
		seen := map[string]bool{}
		for number := 1; ; number++ {
			seen[call.url.RawQuery] = true
			page, err := onePage[T](ctx, c, call, number)
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(page, nil) || page.Next == "" {
				return
			}
			next, reason := nextPage(call.url, page.Next)
			switch {
			case reason != "":
			case seen[next.RawQuery]:
				reason = "the next page was read before"
			case number >= maxPages:
				reason = "the list does not end"
			}
			if reason != "" {
				yield(nil, &PagingError{Operation: op.name, Page: number, Reason: reason})
				return
			}
			call.url = next
		}
	}
}

func onePage[T any](ctx context.Context, c *client, call *call, number int) (*listPage[T], error) {
	page := &listPage[T]{op: call.op, number: number}
	call.accept = page.decode
	if _, err := c.do(ctx, call); err != nil {
		return nil, err
	}
	return page, nil
}

// nextPage follows a link within the list: the same origin and path as the page it stands on, whose query alone differs. The
// token must go nowhere else, however the link is written.
func nextPage(current *url.URL, link string) (next *url.URL, reason string) {
	next, err := current.Parse(link)
	if err != nil {
		return nil, "the next page's address can't be read"
	}
	if next.Scheme != current.Scheme || !sameHost(next, current) || next.User != nil {
		return nil, "the next page is on another origin, " + printable(next.Scheme+"://"+next.Host, maxMessage)
	}
	if next.EscapedPath() != current.EscapedPath() {
		return nil, "the next page is of another list, " + printable(next.EscapedPath(), maxMessage)
	}
	own := *current
	own.RawQuery = next.RawQuery
	return &own, ""
}

func sameHost(a, b *url.URL) bool {
	return strings.EqualFold(a.Hostname(), b.Hostname()) && portOf(a) == portOf(b)
}

func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}

// seenIDs tells rows that a moving list shows twice.
type seenIDs map[ID]struct{}

func (s seenIDs) add(id ID) (fresh bool) {
	if _, seen := s[id]; seen {
		return false
	}
	s[id] = struct{}{}
	return true
}
