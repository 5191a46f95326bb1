// Package ledger keeps what must not be lost or bent: requests, votes,
// single-use tokens, sign-ins and the audit trail.
//
// Everything that belongs together is written in one [Ledger.Write]: it all
// happens, or none of it does. What a write changed is told to whoever watches
// it, once it has happened.
package ledger
