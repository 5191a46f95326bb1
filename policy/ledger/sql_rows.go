package ledger

// The columns of each table, in the order in which they are scanned and
// written.
const (
	voteColumns = "request_id, person, identity_kind, identity_id, front, factor, own_only, approve, name_typed, reason, digest, at"

	sessionColumns = "id_hash, identity_kind, identity_id, person, own_only, factor, csrf, created_at, expires_at"

	holdColumns = "id, kind, scope, value, account, account_key, owner, because, from_at, until_at"

	eventColumns = "seq, at, kind, request_id, server_id, account, person, identity_kind, identity_id, front, detail, data, proof, hash"

	rowColumns = "a.seq, a.at, a.kind, a.request_id, a.server_id, a.account, a.person, a.identity_kind, a.identity_id, a.front, a.detail, a.data, a.proof, a.hash"

	// prevColumn is the hash of the row before, or of the last that
	// retention took away.
	prevColumn = "COALESCE((SELECT p.hash FROM audit p WHERE p.seq = a.seq - 1), (SELECT anchor_hash FROM head))"

	hashBefore = "SELECT COALESCE((SELECT hash FROM audit WHERE seq = ?), (SELECT anchor_hash FROM head))"
)

func scanVote(v *Vote) []any {
	return []any{
		(*column)(&v.RequestID), (*column)(&v.Person), (*column)(&v.Identity.Kind), (*column)(&v.Identity.ID), (*column)(&v.Front),
		&v.Factor, (*flagColumn)(&v.OwnOnly), (*flagColumn)(&v.Approve), (*flagColumn)(&v.NameTyped),
		(*column)(&v.Reason), (*column)(&v.Digest), (*timeColumn)(&v.At),
	}
}

func scanSession(s *Session) []any {
	return []any{
		(*column)(&s.IDHash), (*column)(&s.Identity.Kind), (*column)(&s.Identity.ID), (*column)(&s.Person),
		(*flagColumn)(&s.OwnOnly), &s.Factor, (*column)(&s.CSRF), (*timeColumn)(&s.Created), (*timeColumn)(&s.Expires),
	}
}

func scanHold(h *Hold) []any {
	return []any{
		(*column)(&h.ID), (*column)(&h.Kind), (*column)(&h.Scope), (*column)(&h.Value), (*column)(&h.Account), (*column)(&h.AccountKey),
		(*column)(&h.Owner), (*column)(&h.Because), (*timeColumn)(&h.From), (*timeColumn)(&h.Until),
	}
}

func scanEvent(r *Row) []any {
	return []any{
		&r.Seq, (*timeColumn)(&r.At), (*column)(&r.Kind), (*column)(&r.RequestID), (*column)(&r.ServerID), (*column)(&r.Account),
		(*column)(&r.Person), (*column)(&r.Identity.Kind), (*column)(&r.Identity.ID), (*column)(&r.Front),
		(*column)(&r.Detail), (*jsonColumn)(&r.Data), (*jsonColumn)(&r.Proof), &r.Hash,
	}
}

func scanRow(r *Row) []any { return append(scanEvent(r), &r.Prev) }

func eventValues(r *Row) []any {
	return []any{
		r.Seq, nanos(r.At), toText(r.Kind), toText(r.RequestID), toText(r.ServerID), toText(r.Account),
		toText(r.Person), toText(string(r.Identity.Kind)), toText(r.Identity.ID), toText(string(r.Front)),
		toText(r.Detail), toText(string(r.Data)), toText(string(r.Proof)), r.Hash,
	}
}
