package ledger

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// retained is what the row of a retention keeps in its data: the requests whose asks
// went with the rows, and which are there still or told of later. Their votes can't be
// counted; whatever else does not begin in what is left began nowhere.
type retained struct {
	CutThrough []string `json:"cut_through"`
}

// maxRetained is the most that is kept, in bytes: a line of an export holds it.
const maxRetained = 512 << 10

// cutThrough is the data of the row of a retention up to cut: none where it would be
// too much, and what begins nowhere can't be told then.
func (t *sqlTx) cutThrough(cut link) (json.RawMessage, error) {
	const told = "SELECT request_id FROM audit WHERE proof <> '' AND seq > ?"
	gone, known, err := t.goneBefore()
	if err != nil {
		return nil, err
	}
	left, err := t.ids("SELECT id FROM requests UNION "+told, cut.seq)
	if err != nil {
		return nil, err
	}
	begun, err := t.ids(told+" AND kind = ?", cut.seq, KindAsk)
	if err != nil {
		return nil, err
	}
	going, err := t.ids("SELECT DISTINCT request_id FROM audit WHERE proof <> '' AND seq <= ?", cut.seq)
	if err != nil {
		return nil, err
	}
	maps.DeleteFunc(left, func(id string, _ bool) bool { return begun[id] || known && !gone[id] && !going[id] })
	data := mustJSON(retained{append([]string{}, slices.Sorted(maps.Keys(left))...)})
	if len(data) > maxRetained {
		return nil, nil
	}
	return data, nil
}

// goneBefore are the requests whose asks went with an earlier retention. They aren't
// known where a version did it that kept no list.
func (t *sqlTx) goneBefore() (ids map[string]bool, known bool, err error) {
	anchor, _, err := t.ends()
	if err != nil || anchor.seq == 0 {
		return nil, true, err
	}
	var data jsonColumn
	err = t.one("prune", "SELECT data FROM audit WHERE kind = ? ORDER BY seq DESC LIMIT 1", []any{KindRetention}, &data)
	if err == ErrNotFound { //nolint:errorlint // one returns it as it is
		return nil, false, nil
	}
	ids, known = readRetained(json.RawMessage(data))
	return ids, known, err
}

func readRetained(data json.RawMessage) (ids map[string]bool, known bool) {
	var r retained
	if len(data) == 0 || json.Unmarshal(data, &r) != nil || r.CutThrough == nil {
		return nil, false
	}
	ids = make(map[string]bool, len(r.CutThrough))
	for _, id := range r.CutThrough {
		ids[id] = true
	}
	return ids, true
}

func (t *sqlTx) ids(query string, args ...any) (map[string]bool, error) {
	found, err := collect(&t.sqlView, "prune", query, args, func(id *column) []any { return []any{id} }, nil)
	ids := make(map[string]bool, len(found))
	for _, id := range found {
		ids[string(id)] = true
	}
	delete(ids, "")
	return ids, err
}

// unbegun finds fault with what does not begin in the trail, and by the retention's
// word not before it.
func (v *verifier) unbegun() {
	if !v.proven || v.cutThrough == nil {
		return
	}
	for _, id := range slices.SortedFunc(maps.Keys(v.court.requests), strings.Compare) {
		if h := v.court.requests[id]; h.midway && !v.cutThrough[id] {
			v.fault(StateFault, h.first, id, "nobody asked for it: no row tells of its beginning, and none that did was taken away")
		}
	}
}
