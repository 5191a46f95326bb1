package tools

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"vpsops/policy"
	"vpsops/vpsapi"
)

const apiPage = 100 // servers a page, as many as the API gives

// firstServers are an account's servers that come first: of as many as a client
// would be shown, whoever it is.
type firstServers struct {
	account string
	servers []vpsapi.Server
	rows    []serverRow // of the servers, in their order
	total   int         // in the account
}

// readFirst reads them, a page at a time.
func (t *toolset) readFirst(ctx context.Context, account string) (*firstServers, error) {
	source, err := t.Desk.Source(account)
	if err != nil {
		return nil, err
	}
	f := &firstServers{account: account}
	for page := 1; page <= maxListed/apiPage && (page == 1 || (page-1)*apiPage < f.total); page++ {
		got, err := source.Reader.ServerPage(ctx, vpsapi.ServerFilter{}, vpsapi.PageOptions{Page: page, PageSize: apiPage})
		if err != nil {
			return nil, err
		}
		f.total = got.Count
		f.servers = append(f.servers, got.Servers...)
	}
	f.rows = rowsOf(f.servers)
	return f, nil
}

// listStands is the list of an account's servers as far as an actor sees it, by
// the rows that come first.
func (t *toolset) listStands(actor policy.Actor, f *firstServers) string {
	seen := make([]serverRow, 0, len(f.rows))
	for n := range f.servers {
		if t.Desk.Sees(actor, policy.List, f.account, &f.servers[n]) {
			seen = append(seen, f.rows[n])
		}
	}
	total := f.total
	if len(seen) < min(total, maxListed) { // the count would tell of rows that are hidden
		total = 0
	}
	return fmt.Sprint(total, digest(seen))
}

// mayList tells whether an actor may see any list of an account's servers.
func (t *toolset) mayList(actor policy.Actor, account string) bool {
	return t.Desk.Sees(actor, policy.List, account, nil)
}

// lookAtList reads a list once for all, if anybody may see it.
func (w *watch) lookAtList(ctx context.Context, key resourceKey, interests []*interest) {
	interests = slices.DeleteFunc(interests, func(i *interest) bool { return !w.t.mayList(i.by.actor, key.account) })
	if len(interests) == 0 {
		return
	}
	first, err := w.t.readFirst(ctx, key.account)
	if err != nil {
		return
	}
	for _, i := range interests {
		w.stands(i, w.t.listStands(i.by.actor, first))
	}
}

// listBegins is how a list stands to who subscribes to it, or "".
func (t *toolset) listBegins(ctx context.Context, actor policy.Actor, account string) string {
	if !t.mayList(actor, account) {
		return ""
	}
	first, err := t.readFirstTogether(ctx, account)
	if err != nil {
		return ""
	}
	return t.listStands(actor, first)
}

// readFirstTogether reads once for all who begin at a time, as the clients of a
// server that has just been started do. It may be older than the subscription: what
// has changed since is then told of, as it would be to who read it just before.
func (t *toolset) readFirstTogether(ctx context.Context, account string) (*firstServers, error) {
	for {
		reading := t.beginnings.DoChan(account, func() (any, error) { return t.readFirst(ctx, account) })
		select {
		case read := <-reading:
			first, _ := read.Val.(*firstServers)
			if ctx.Err() != nil || !isOver(read.Err) {
				return first, read.Err
			}
			// It ended with who began it, who is another.
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// isOver tells whether something ended since whoever wanted it no longer did.
func isOver(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
