package tools

import (
	"context"
	"errors"
	"strings"

	"vpsops/vpsapi"
)

const apiPage = 100 // servers a page, as many as the API gives

// window is a part of a list of any length, of which no more is kept than is
// asked for.
type window struct {
	reader  *vpsapi.Reader
	filter  vpsapi.ServerFilter
	query   string // lower case
	offset  int
	limit   int
	visible func(*vpsapi.Server) bool
}

type found struct {
	servers []vpsapi.Server
	total   int
	next    int // the offset of what follows, or 0
}

// read asks for the right pages alone where that is enough: without a query,
// and where nothing on them is hidden from the caller.
func (w window) read(ctx context.Context) (found, error) {
	if w.query == "" {
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
func (w window) pages(ctx context.Context) (got found, whole bool, err error) {
	for at := w.offset; len(got.servers) < w.limit; {
		page, err := w.reader.ServerPage(ctx, w.filter, vpsapi.PageOptions{Page: at/apiPage + 1, PageSize: apiPage})
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
		got.total = page.Count
		for _, s := range page.Servers[min(at-start, len(page.Servers)):] {
			if !w.visible(&s) {
				return got, false, nil
			}
			if len(got.servers) < w.limit {
				got.servers = append(got.servers, s)
			}
		}
		if at = start + apiPage; at >= page.Count {
			break
		}
	}
	if end := w.offset + len(got.servers); end < got.total && len(got.servers) > 0 {
		got.next = end
	}
	return got, true, nil
}

// scan reads the whole list, and keeps the window of what the caller may see
// and the query takes.
func (w window) scan(ctx context.Context) (got found, err error) {
	for s, err := range w.reader.Servers(ctx, w.filter) {
		if err != nil {
			return got, err
		}
		if !w.matches(&s) || !w.visible(&s) {
			continue
		}
		if got.total >= w.offset && len(got.servers) < w.limit {
			got.servers = append(got.servers, s)
		}
		got.total++
	}
	if end := w.offset + len(got.servers); end < got.total && len(got.servers) > 0 {
		got.next = end
	}
	return got, nil
}

func (w window) matches(s *vpsapi.Server) bool {
	if w.query == "" {
		return true
	}
	for _, handle := range []string{s.Name, s.Hostname, s.IPAddress} {
		if strings.Contains(strings.ToLower(handle), w.query) {
			return true
		}
	}
	return false
}
