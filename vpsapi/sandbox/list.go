package sandbox

import (
	"net/http"
	"net/url"
	"strconv"
)

const (
	defaultPageSize = 20
	maxPageSize     = 100
)

type listView struct {
	Count    int       `json:"count"`
	Next     *string   `json:"next"`
	Previous *string   `json:"previous"`
	Results  []rowView `json:"results"`
}

func (s *Sandbox) listServers(c *call) answer {
	found := s.filter(c.query.Get("status"), c.query.Get("location"))
	size := pageSize(c.query.Get("page_size"))
	pages := max(1, (len(found)+size-1)/size)
	page, ok := pageNumber(c.query.Get("page"), pages)
	if !ok {
		return detail(http.StatusNotFound, "Invalid page.")
	}
	v := listView{Count: len(found), Results: []rowView{}}
	now := s.opts.Now()
	for _, sv := range found[(page-1)*size : min(page*size, len(found))] {
		sv.settle(now)
		v.Results = append(v.Results, sv.row())
	}
	if page < pages {
		v.Next = pageURL(c, page+1)
	}
	if page > 1 {
		v.Previous = pageURL(c, page-1)
	}
	return reply(http.StatusOK, v)
}

// filter is the servers of a status and a location; an empty one is all, an
// unknown one matches none.
func (s *Sandbox) filter(status, location string) []*server {
	if status == "" && location == "" {
		return s.fleet.servers
	}
	var found []*server
	now := s.opts.Now()
	for _, sv := range s.fleet.servers {
		sv.settle(now)
		if (status == "" || sv.status == status) && (location == "" || sv.location == location) {
			found = append(found, sv)
		}
	}
	return found
}

// pageSize does as Django REST framework: what is no size is the default's.
func pageSize(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return defaultPageSize
	}
	return min(n, maxPageSize)
}

func pageNumber(s string, pages int) (int, bool) {
	switch s {
	case "":
		return 1, true
	case "last":
		return pages, true
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 1 && n <= pages
}

// pageURL is this list's address with another page; like the framework's, the
// first page goes without a number.
func pageURL(c *call, page int) *string {
	q := url.Values{}
	for k, v := range c.query {
		q[k] = v
	}
	q.Del("page")
	if page > 1 {
		q.Set("page", strconv.Itoa(page))
	}
	u := c.origin + c.path
	if len(q) > 0 {
		u += "?" + q.Encode()
	}
	return &u
}
