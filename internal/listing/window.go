// Package listing reads an account's servers as a person is shown them: a part of
// a list of any length, without what they may not see.
package listing

import (
	"context"
	"errors"
	"strings"

	"vpsops/vpsapi"
)

const apiPage = 100 // servers a page, as many as the API gives

// Window is a part of a list of any length, of which no more is kept than is
// asked for.
type Window struct {
	Reader  *vpsapi.Reader
	Filter  vpsapi.ServerFilter
	Query   string // part of a name, hostname or address, in lower case
	Offset  int
	Limit   int
	Visible func(*vpsapi.Server) bool
}

// Found is what stands in a window.
type Found struct {
	Servers []vpsapi.Server
	Total   int // that the filter and the query take
	Next    int // the offset of what follows, or 0
}

// Read asks for the right pages alone where that is enough: without a query,
// and where nothing on them is hidden from the caller. Errors are those of the
// reader.
func (w Window) Read(ctx context.Context) (Found, error) {
	if w.Query == "" {
		got, whole, err := w.pages(ctx)
		if err != nil || whole {
			return got, err
		}
	}
	return w.scan(ctx)
}

// pages reads the pages that the window touches. It is not whole where the API
// doesn't page as asked, or where a row is hidden and so the offsets are not
// the caller's.
func (w Window) pages(ctx context.Context) (got Found, whole bool, err error) {
	for at := w.Offset; len(got.Servers) < w.Limit; {
		page, err := w.Reader.ServerPage(ctx, w.Filter, vpsapi.PageOptions{Page: at/apiPage + 1, PageSize: apiPage})
		if at > 0 && errors.Is(err, vpsapi.ErrNotFound) {
			return got, false, nil // past the end: the list has shrunk
		}
		if err != nil {
			return got, false, err
		}
		start := at / apiPage * apiPage
		if expected := min(max(page.Count-start, 0), apiPage); len(page.Servers) != expected {
			return got, false, nil
		}
		got.Total = page.Count
		for _, s := range page.Servers[min(at-start, len(page.Servers)):] {
			if !w.Visible(&s) {
				return got, false, nil
			}
			if len(got.Servers) < w.Limit {
				got.Servers = append(got.Servers, s)
			}
		}
		if at = start + apiPage; at >= page.Count {
			break
		}
	}
	if end := w.Offset + len(got.Servers); end < got.Total && len(got.Servers) > 0 {
		got.Next = end
	}
	return got, true, nil
}

// scan reads the whole list, and keeps the window of what the caller may see
// and the query takes.
func (w Window) scan(ctx context.Context) (got Found, err error) {
	for s, err := range w.Reader.Servers(ctx, w.Filter) {
		if err != nil {
			return got, err
		}
		if !w.matches(&s) || !w.Visible(&s) {
			continue
		}
		if got.Total >= w.Offset && len(got.Servers) < w.Limit {
			got.Servers = append(got.Servers, s)
		}
		got.Total++
	}
	if end := w.Offset + len(got.Servers); end < got.Total && len(got.Servers) > 0 {
		got.Next = end
	}
	return got, nil
}

func (w Window) matches(s *vpsapi.Server) bool {
	if w.Query == "" {
		return true
	}
	for _, handle := range []string{s.Name, s.Hostname, s.IPAddress} {
		if strings.Contains(strings.ToLower(handle), w.Query) {
			return true
		}
	}
	return false
}
