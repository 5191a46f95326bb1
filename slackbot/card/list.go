package card

import (
	"fmt"
	"slices"

	"github.com/slack-go/slack"

	"vpsops/internal/inert"
	"vpsops/slackbot/command/runner"
	"vpsops/vpsapi"
)

// PageRows is how many servers stand on a page of a list.
const PageRows = 20

// statuses are those that a list can be filtered by, however many servers have
// them now.
var statuses = []vpsapi.Status{
	vpsapi.StatusActive, vpsapi.StatusStopped, vpsapi.StatusSuspended, vpsapi.StatusProvisioning,
	vpsapi.StatusStarting, vpsapi.StatusStopping, vpsapi.StatusRebooting,
}

// Servers is one page of a list. at holds the filters with which r was read,
// and the page, from 0; what is pressed holds them too.
func (w *Writer) Servers(r runner.Servers, at Press) Message {
	at = Press{Account: r.Account, Status: at.Status, Where: at.Where, Text: at.Text, Page: at.Page}
	pages := max(1, (len(r.Rows)+PageRows-1)/PageRows)
	at.Page = min(max(0, at.Page), pages-1)
	rows := r.Rows[min(at.Page*PageRows, len(r.Rows)):min((at.Page+1)*PageRows, len(r.Rows))]

	blocks := []slack.Block{section(listHead(r, at, pages)...)}
	blocks = append(blocks, buttons(w.filters(r, at)...)...)
	for _, s := range rows {
		p := Press{Server: s.ID.String(), Account: r.Account}
		blocks = append(blocks, row(w.button(ActShow, "Show", p), serverRow(s)...))
	}
	blocks = append(blocks, buttons(w.paging(at, pages)...)...)
	return message(blocks, append([]string{countText(r, at, pages)}, rowTexts(rows)...)...)
}

func listHead(r runner.Servers, at Press, pages int) []md {
	count := "*" + md(plural(r.Total, "server")) + "*"
	if len(r.Accounts) > 1 {
		count += " of the account " + name(r.Account)
	}
	for _, f := range []struct {
		word  md
		value string
	}{{"status ", at.Status}, {"in ", at.Where}, {"with ", at.Text}} {
		if f.value != "" {
			count += ", " + f.word + name(f.value)
		}
	}
	if r.Total == 0 {
		return []md{count, "Nothing fits. Names, hostnames, addresses and ids are looked through."}
	}
	if pages > 1 {
		count += md(fmt.Sprintf(" · page %d of %d", at.Page+1, pages))
	}
	all := []md{count}
	if r.Total > len(r.Rows) {
		all = append(all, "The first "+md(grouped(len(r.Rows)))+" are listed; a status, a location or a text finds the others: `/vps list web`.")
	}
	return all
}

func countText(r runner.Servers, at Press, pages int) string {
	if r.Total == 0 {
		return "0 servers. Nothing fits."
	}
	if pages == 1 {
		return plural(r.Total, "server") + "."
	}
	return fmt.Sprintf("%s, page %d of %d.", plural(r.Total, "server"), at.Page+1, pages)
}

// serverRow is a server in two lines that fit a phone.
func serverRow(s vpsapi.Server) []md {
	where := word(s.Location)
	if s.IPAddress != "" {
		where = name(s.IPAddress) + " · " + where
	}
	if inert.Suspicious(s.Name) {
		where += " · ⚠️ odd name"
	}
	return []md{md(sign(s.Status)) + " " + name(s.Name) + "  " + word(string(s.Status)) + " · id " + word(s.ID.String()), where}
}

func rowTexts(rows []vpsapi.Server) []string {
	texts := make([]string, len(rows))
	for i, s := range rows {
		texts[i] = fmt.Sprintf("%s, %s, id %s", inert.Text(s.Name, maxName), inert.Text(string(s.Status), maxName), inert.Text(s.ID.String(), maxName))
	}
	return texts
}

// filters are two menus: of what status, and where. What can be chosen are the
// filters that lead there.
func (w *Writer) filters(r runner.Servers, at Press) []slack.BlockElement {
	if r.Total == 0 && at.Status == "" && at.Where == "" {
		return nil
	}
	at.Page = 0
	status := newMenu("Any status", at.Status)
	for _, s := range seenStatuses(r, at.Status) {
		status.add(s)
	}
	where := newMenu("Any location", at.Where)
	for _, l := range seenLocations(r, at.Where) {
		where.add(l)
	}
	var all []slack.BlockElement
	for i, m := range []*menu{status, where} {
		element := m.element(fmt.Sprintf("%s:%d", ActList, i), func(chosen string) string {
			p := at
			if i == 0 {
				p.Status = chosen
			} else {
				p.Where = chosen
			}
			return w.Seal(p)
		})
		if element != nil {
			all = append(all, element)
		}
	}
	return all
}

func seenStatuses(r runner.Servers, now string) (all []string) {
	for _, s := range statuses {
		all = append(all, string(s))
	}
	for _, s := range r.Rows {
		if !slices.Contains(all, string(s.Status)) {
			all = append(all, string(s.Status))
		}
	}
	return withFilter(all, now)
}

func seenLocations(r runner.Servers, now string) (all []string) {
	for _, s := range r.Rows {
		all = append(all, s.Location)
	}
	slices.Sort(all)
	return withFilter(slices.Compact(all), now)
}

func withFilter(all []string, now string) []string {
	if now != "" && !slices.Contains(all, now) {
		all = append(all, now)
	}
	return all
}

// paging are the ways to the pages beside this one.
func (w *Writer) paging(at Press, pages int) (all []slack.BlockElement) {
	to := func(label string, page int) {
		p := at
		p.Page = page
		all = append(all, w.button(fmt.Sprintf("%s:page%d", ActList, page), label, p))
	}
	if at.Page > 0 {
		to("‹ Back", at.Page-1)
	}
	if at.Page < pages-1 {
		to("More ›", at.Page+1)
	}
	return all
}
