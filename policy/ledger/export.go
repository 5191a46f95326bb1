package ledger

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"vpsops/internal/seal"
	"vpsops/policy"
)

// maxLine is the longest line of an export that is read, in bytes: no row
// gives a longer one.
const maxLine = 1 << 20

// exported is a row as a line of an export.
type exported struct {
	Seq       int64               `json:"seq"`
	At        time.Time           `json:"at"`
	Kind      string              `json:"kind"`
	RequestID string              `json:"request_id,omitempty"`
	ServerID  string              `json:"server_id,omitempty"`
	Account   string              `json:"account,omitempty"`
	Person    string              `json:"person,omitempty"`
	By        policy.IdentityKind `json:"identity_kind,omitempty"`
	ID        string              `json:"identity_id,omitempty"`
	Front     policy.Front        `json:"front,omitempty"`
	Detail    string              `json:"detail,omitempty"`
	Data      json.RawMessage     `json:"data,omitempty"`
	Proof     json.RawMessage     `json:"proof,omitempty"`
	Prev      string              `json:"prev"`
	Hash      string              `json:"hash"`
}

// MarshalJSON writes the row as one line, from which [VerifyExport] can tell
// that nothing is missing.
func (r Row) MarshalJSON() ([]byte, error) {
	return json.Marshal(exported{
		r.Seq, r.At.UTC(), r.Kind, r.RequestID, r.ServerID, r.Account, r.Person, r.Identity.Kind, r.Identity.ID,
		r.Front, r.Detail, r.Data, r.Proof, r.Prev, r.Hash,
	})
}

// UnmarshalJSON reads what MarshalJSON writes, and nothing that only means the
// same: what another program reads from the line is what was hashed.
func (r *Row) UnmarshalJSON(line []byte) error {
	var x exported
	if err := json.Unmarshal(line, &x); err != nil {
		return fmt.Errorf("ledger: this is no row of an export: %w", err)
	}
	*r = Row{
		Event: Event{
			Seq: x.Seq, At: x.At, Kind: x.Kind, RequestID: x.RequestID, ServerID: x.ServerID, Account: x.Account, Person: x.Person,
			Identity: policy.Identity{Kind: x.By, ID: x.ID}, Front: x.Front, Detail: x.Detail, Data: x.Data, Proof: x.Proof,
		},
		Prev: x.Prev, Hash: x.Hash,
	}
	again, err := r.MarshalJSON()
	if err != nil || !bytes.Equal(again, line) {
		return errors.New("ledger: this row of an export is not as it was written")
	}
	return nil
}

// Export writes the whole trail as JSON lines, a row each.
func (s *SQL) Export(ctx context.Context, w io.Writer) error {
	return s.reading(ctx, func(v *sqlView) error {
		anchor, _, err := v.ends()
		if err != nil {
			return err
		}
		out := bufio.NewWriter(w)
		prev := anchor.hash.String()
		var failed error
		err = v.rows(anchor.seq, func(r *Row) bool {
			r.Prev, prev = prev, r.Hash
			var line []byte
			if line, failed = r.MarshalJSON(); failed == nil {
				_, failed = out.Write(append(line, '\n'))
			}
			return failed == nil
		})
		return errors.Join(err, failed, out.Flush())
	})
}

// VerifyExport verifies a trail that was exported, without any ledger. What is
// wrong with it is in the report; the error says that it could not be read. An
// export shows no tail cut off but by the checkpoints given.
func VerifyExport(r io.Reader, o VerifyOptions) (Report, error) {
	o = o.withDefaults(seal.Key{})
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	var check *verifier
	for lines.Scan() {
		var row Row
		err := row.UnmarshalJSON(lines.Bytes())
		if check == nil {
			check = newVerifier(beginning(row), o)
		}
		if err != nil {
			check.fault(ChainFault, check.seq+1, "", "%v", err)
			break
		}
		if !check.row(&row) {
			break
		}
	}
	if err := lines.Err(); err != nil {
		return Report{}, fmt.Errorf("ledger: reading an export: %w", err)
	}
	if check == nil {
		check = newVerifier(link{}, o)
	}
	return check.end(), nil
}

// beginning is what an export says that it begins after.
func beginning(first Row) link {
	if first.Seq <= 1 {
		return link{}
	}
	h, _ := parseHash(first.Prev) // one that is none proves nothing
	return link{seq: first.Seq - 1, hash: h}
}
