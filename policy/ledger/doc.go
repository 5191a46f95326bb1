// Package ledger keeps what must not be lost or bent: requests, votes,
// single-use tokens, sign-ins, budget use, locks and freezes, and the audit
// trail.
//
// Everything that belongs together is written in one [Ledger.Write]: it all
// happens, or none of it does. What a write changed is told to whoever watches
// it, once it has happened.
//
// [Open] gives a ledger in SQLite or PostgreSQL, which several processes may
// share; [NewMemory] one that ends with the process. The trail of each is a
// hash chain. [SQL.Verify] goes through it and names the first row that is not
// what was written, and replays from the trail alone that nothing was carried
// out without its votes, or twice. A [Checkpoint] that is kept elsewhere shows
// a tail that was cut off.
package ledger
