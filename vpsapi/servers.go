package vpsapi

import (
	"context"
	"iter"
	"net/url"
	"strconv"
)

// pageSize is what [Reader.Servers] asks for: the most that the vendor's own integration takes.
const pageSize = 100

// ServerFilter narrows a list. The zero filter takes every server.
type ServerFilter struct {
	Status   Status // the API's page names active, stopped and suspended
	Location string // a datacenter's code
}

func (f ServerFilter) query() url.Values {
	query := url.Values{}
	if f.Status != "" {
		query.Set("status", string(f.Status))
	}
	if f.Location != "" {
		query.Set("location", f.Location)
	}
	return query
}

// Servers yields the servers that the filter takes, each once, reading page by page as the loop goes on. An error is yielded last,
// with a zero Server: what came before it is part of the list. A list that makes no sense, or has more than 10,000 pages, ends in
// a [*PagingError].
//
// A server that is deleted while the pages are read may push another past the page's edge, unseen: the API has no snapshot.
func (r *Reader) Servers(ctx context.Context, filter ServerFilter) iter.Seq2[Server, error] {
	return func(yield func(Server, error) bool) {
		query := filter.query()
		query.Set("page_size", strconv.Itoa(pageSize))
		seen := seenIDs{}
		for page, err := range pages[Server](ctx, r.client, opListServers, query) {
			if err != nil {
				yield(Server{}, err)
				return
			}
			fresh := 0
			for _, server := range page.Results {
				if !seen.add(server.ID) {
					continue
				}
				if fresh++; !yield(server, nil) {
					return
				}
			}
			if err := page.stuck(fresh); err != nil {
				yield(Server{}, err)
				return
			}
		}
	}
}

// PageOptions says which part of a list to read.
type PageOptions struct {
	Page     int // from 1; below that, the first
	PageSize int // servers a page; the API's own choice where it is 0
}

// ServerPage is one page of a list.
type ServerPage struct {
	Servers  []Server
	Count    int // of all servers that the filter takes
	Page     int // from 1
	PageSize int // as asked for
	HasMore  bool
}

// ServerPage returns one page of the list. Where the API doesn't page, the page is cut from the whole list. A page past the end is
// empty or, by the API's choice, an error that is [ErrNotFound]: begin again at page 1.
func (r *Reader) ServerPage(ctx context.Context, filter ServerFilter, opts PageOptions) (ServerPage, error) {
	number := max(opts.Page, 1)
	query := filter.query()
	if number > 1 {
		query.Set("page", strconv.Itoa(number))
	}
	if opts.PageSize > 0 {
		query.Set("page_size", strconv.Itoa(opts.PageSize))
	}
	var got listPage[Server]
	if err := r.client.get(ctx, opListServers, ID{}, query, got.decode); err != nil {
		return ServerPage{}, err
	}
	page := ServerPage{Servers: got.Results, Count: got.Count, Page: number, PageSize: opts.PageSize, HasMore: got.Next != ""}
	if got.whole() && opts.PageSize > 0 {
		page.cut()
	}
	return page, nil
}

// cut takes the page out of the whole list.
func (p *ServerPage) cut() {
	all := p.Servers
	from := min((p.Page-1)*p.PageSize, len(all))
	if p.Page-1 > len(all)/p.PageSize { // before the product can overflow
		from = len(all)
	}
	to := len(all)
	if to-from > p.PageSize {
		to = from + p.PageSize
	}
	p.Servers, p.HasMore = all[from:to], to < len(all)
}
