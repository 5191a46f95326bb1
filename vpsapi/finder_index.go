package vpsapi

import (
	"encoding/json"
	"hash/maphash"
	"slices"
	"unique"
)

// ServerRow is what a [Finder] keeps of a server.
type ServerRow struct {
	ID        ID
	Name      string
	Hostname  string
	IPAddress string // IPv4, or ""
	Location  string
	Status    Status
}

// Server is what the row tells of its server; the rest is left zero.
func (r ServerRow) Server() *Server {
	return &Server{ID: r.ID, Name: r.Name, Hostname: r.Hostname, IPAddress: r.IPAddress, Location: r.Location, Status: r.Status}
}

// UnmarshalJSON reads what it keeps from the API's form of a server.
func (r *ServerRow) UnmarshalJSON(data []byte) error {
	*r = ServerRow{}
	return eachField(data, func(key []byte, raw json.RawMessage) error {
		switch string(key) {
		case "id":
			return r.ID.UnmarshalJSON(raw)
		case "name":
			return decodeString(raw, &r.Name)
		case "hostname":
			return decodeString(raw, &r.Hostname)
		case "ip_address":
			return decodeString(raw, &r.IPAddress)
		case "location":
			return decodeInterned(raw, &r.Location)
		case "status":
			return decodeInterned(raw, (*string)(&r.Status))
		}
		return nil
	})
}

// decodeInterned reads a string of which there are few different ones and many of each.
func decodeInterned(raw []byte, text *string) error {
	if err := decodeString(raw, text); err != nil {
		return err
	}
	*text = unique.Make(*text).Value()
	return nil
}

// handles are what a server is found by.
func (r *ServerRow) handles() [4]string {
	return [4]string{r.ID.String(), r.Name, r.Hostname, r.IPAddress}
}

func (r *ServerRow) answersTo(ref string) bool {
	for _, handle := range r.handles() {
		if handle == ref && handle != "" {
			return true
		}
	}
	return false
}

// index finds rows by hash: the strings stay where they are, in the rows.
type index struct {
	seed  maphash.Seed
	rows  []ServerRow
	heads map[uint64]int32 // hash to the last entry of its chain
	chain []entry
}

type entry struct{ row, before int32 } // before is the chain's next entry, or -1

// find returns the one row that answers to ref.
func (ix *index) find(ref string) (ServerRow, error) {
	var found []ServerRow
	at, ok := ix.heads[maphash.String(ix.seed, ref)]
	for ok && at >= 0 {
		entry := ix.chain[at]
		if row := &ix.rows[entry.row]; row.answersTo(ref) {
			found = append(found, *row)
		}
		at = entry.before
	}
	switch len(found) {
	case 0:
		return ServerRow{}, &NotFoundError{Ref: printableRef(ref), Suggestions: suggest(ix.rows, ref)}
	case 1:
		return found[0], nil
	}
	return ServerRow{}, ambiguous(ref, found)
}

// indexBuilder takes rows page by page, each server once.
type indexBuilder struct {
	ix   *index
	seen seenIDs
}

func newIndexBuilder() *indexBuilder {
	return &indexBuilder{ix: &index{seed: maphash.MakeSeed(), heads: map[uint64]int32{}}, seen: seenIDs{}}
}

// maxExpected is how many rows room is made for before they come: how many there are is the API's word.
const maxExpected = 10_000

// expect makes room for so many rows: growing into it would cost as much again. The maps grow by themselves where a later page
// says that there are more.
func (b *indexBuilder) expect(rows int) {
	if rows = min(rows, maxExpected); rows <= cap(b.ix.rows) {
		return
	}
	const handles = 4
	b.ix.rows = slices.Grow(b.ix.rows, rows)
	b.ix.chain = slices.Grow(b.ix.chain, handles*rows)
	if len(b.seen) == 0 {
		b.ix.heads, b.seen = make(map[uint64]int32, handles*rows), make(seenIDs, rows)
	}
}

// add takes a page's rows and returns how many were new.
func (b *indexBuilder) add(rows []ServerRow) (fresh int) {
	for _, row := range rows {
		if b.seen.add(row.ID) {
			fresh++
			b.ix.rows = append(b.ix.rows, row)
			b.enter(int32(len(b.ix.rows) - 1))
		}
	}
	return fresh
}

// enter makes a row findable by each of its handles, once where two are the same.
func (b *indexBuilder) enter(row int32) {
	handles := b.ix.rows[row].handles()
next:
	for i, handle := range handles {
		if handle == "" {
			continue
		}
		for _, earlier := range handles[:i] {
			if handle == earlier {
				continue next
			}
		}
		hash := maphash.String(b.ix.seed, handle)
		before, taken := b.ix.heads[hash]
		if !taken {
			before = -1
		}
		b.ix.chain = append(b.ix.chain, entry{row, before})
		b.ix.heads[hash] = int32(len(b.ix.chain) - 1)
	}
}

func (b *indexBuilder) index() *index { return b.ix }
