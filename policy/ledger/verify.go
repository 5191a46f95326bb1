package ledger

import (
	"crypto/ed25519"
	"fmt"
	"hash/maphash"
	"slices"
)

// verifier goes through a trail from its beginning, row by row.
type verifier struct {
	link
	anchor  link // what the trail begins after; the zero link is the beginning
	options VerifyOptions
	report  Report
	court   court
	scratch encoder
	latest  int64 // the newest time so far
	pruned  int64 // when retention last took something away
	wanted  map[int64][]Checkpoint
	proven  bool // a retention row names the anchor
	// cutThrough are the requests whose beginning went, as far as that row tells; nil
	// where it doesn't.
	cutThrough map[string]bool
}

func newVerifier(anchor link, o VerifyOptions) *verifier {
	v := &verifier{link: anchor, anchor: anchor, options: o, wanted: make(map[int64][]Checkpoint)}
	v.court = court{seed: maphash.MakeSeed(), requests: make(map[string]*history), states: make(map[string]proof), unsafe: make(map[string]int), cutOff: anchor.seq > 0, fault: v.fault}
	for _, c := range o.Checkpoints {
		if !v.trusts(c.Key) || !c.signedBy(c.Key) {
			v.fault(CheckpointFault, c.Seq, "", "the checkpoint given is signed with another key, or forged")
			continue
		}
		if c.Seq <= anchor.seq {
			v.report.Unchecked++
			continue
		}
		v.wanted[c.Seq] = append(v.wanted[c.Seq], c)
	}
	return v
}

func (v *verifier) fault(kind FaultKind, seq int64, requestID, format string, args ...any) {
	if len(v.report.Faults) == maxFaults {
		v.report.More++
		return
	}
	v.report.Faults = append(v.report.Faults, Fault{kind, seq, requestID, fmt.Sprintf(format, args...)})
}

// row checks the next row. After the chain is broken there is nothing to hold
// the rest against: it returns false.
func (v *verifier) row(r *Row) bool {
	switch next := v.seq + 1; {
	case r.Seq > next:
		v.fault(ChainFault, next, "", "it is missing")
		return false
	case r.Seq < next:
		v.fault(ChainFault, r.Seq, r.RequestID, "it stands where row %d belongs", next)
		return false
	}
	before := v.link
	v.next(&r.Event, &v.scratch)
	if v.hash.String() != r.Hash || r.Prev != "" && r.Prev != before.hash.String() {
		v.fault(ChainFault, r.Seq, r.RequestID, "it is not what was written, or does not follow the row before it")
		return false
	}
	if v.report.Rows++; v.report.First == 0 {
		v.report.First = r.Seq
	}
	v.clock(r)
	v.kept()
	switch r.Kind {
	case KindCheckpoint:
		v.checkpoint(r, before)
	case KindRetention:
		v.retention(r)
	}
	if len(r.Proof) > 0 {
		v.court.hear(&r.Event)
	}
	return true
}

func (v *verifier) clock(r *Row) {
	at := nanos(r.At)
	if at < v.latest-int64(v.options.Skew) {
		v.fault(ClockFault, r.Seq, r.RequestID, "it is dated %s before a row that was written earlier", fromNanos(v.latest).Sub(r.At))
	}
	v.latest = max(v.latest, at)
}

// kept holds the trail against the checkpoints given for this row.
func (v *verifier) kept() {
	for _, c := range v.wanted[v.seq] {
		if c.Hash != v.hash.String() {
			v.fault(CheckpointFault, v.seq, "", "the checkpoint given says that another row stood here: the trail was written anew")
		}
	}
	delete(v.wanted, v.seq)
}

func (v *verifier) trusts(key ed25519.PublicKey) bool {
	return len(v.options.Keys) == 0 || slices.ContainsFunc(v.options.Keys, func(k ed25519.PublicKey) bool { return k.Equal(key) })
}

func (v *verifier) checkpoint(r *Row, before link) {
	c, err := ParseCheckpoint(r.Detail)
	switch {
	case err != nil || c.Seq != before.seq || c.Hash != before.hash.String() || !c.signedBy(c.Key):
		v.fault(CheckpointFault, r.Seq, "", "it is not of the rows before it, or forged")
	case !v.trusts(c.Key):
		v.fault(CheckpointFault, r.Seq, "", "it is signed with another key than VPSOPS_KEY")
	default:
		v.report.Checkpoints++
	}
}

func (v *verifier) retention(r *Row) {
	v.pruned = max(v.pruned, nanos(r.At))
	c, err := parseAnchor(r.Detail)
	if err != nil || !v.trusts(c.Key) || !c.anchoredBy(c.Key) {
		v.fault(CheckpointFault, r.Seq, "", "retention is signed with another key than VPSOPS_KEY")
		return
	}
	if c.Seq == v.anchor.seq && c.Hash == v.anchor.hash.String() {
		v.proven = true
		v.cutThrough, _ = readRetained(r.Data)
	}
}

// end checks what only the end shows, and returns the report.
func (v *verifier) end() Report {
	if v.anchor.seq > 0 && !v.proven && !v.broken() {
		v.fault(BeginningFault, v.anchor.seq, "", "the rows up to it are gone, and no retention says so")
	}
	v.unbegun()
	for seq, checkpoints := range v.wanted {
		if seq > v.seq && !v.broken() {
			v.fault(TailFault, v.seq+1, "", "the trail ends at row %d, and a checkpoint of %s covers row %d: the tail was cut off",
				v.seq, checkpoints[0].At.Format("2006-01-02 15:04:05"), seq)
		}
	}
	v.report.Last, v.report.Hash, v.report.Executions, v.report.Unsafe = v.seq, v.hash.String(), v.court.executions, v.court.unsafe
	return v.report
}

func (v *verifier) broken() bool {
	return slices.ContainsFunc(v.report.Faults, func(f Fault) bool { return f.Kind == ChainFault })
}

// whole tells whether the trail has been read to its end, so that what it does
// not tell has not been.
func (v *verifier) whole() bool {
	return !slices.ContainsFunc(v.report.Faults, func(f Fault) bool { return f.Kind == ChainFault || f.Kind == TailFault })
}
