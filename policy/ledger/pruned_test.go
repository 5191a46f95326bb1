package ledger_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"vpsops/policy/ledger"
)

// prunedLedger has lost the beginning of its trail, and with it that of req_across.
// What is told of it next happens a day after.
func prunedLedger(t *testing.T, dsn string) (l *ledger.SQL, across *story) {
	t.Helper()
	l = openAt(t, dsn, ledger.Options{Key: key})
	newStory(t, l, "req_old").carriedOut()
	across = newStory(t, l, "req_across").ask().vote("ana")
	across.at = epoch.Add(24 * time.Hour)
	across.vote("ben")
	if removed, err := l.Prune(t.Context(), across.at.Add(-time.Hour), across.at); err != nil || removed < 10 {
		t.Fatalf("%d rows went, %v", removed, err)
	}
	mustHold(t, verify(t, l, ledger.VerifyOptions{}))
	return l, across
}

const forgedVote = "INSERT INTO votes (request_id, person, identity_kind, identity_id, front, factor, own_only, approve, name_typed, reason, digest, at, number) " +
	"SELECT request_id, 'dan', identity_kind, identity_id, front, factor, own_only, 1, name_typed, reason, digest, at, number + 1000 FROM votes WHERE person = 'ana' AND request_id = 'req_new'"

func TestVotesAreCountedAfterRetentionAsBefore(t *testing.T) {
	for name, tt := range map[string]struct {
		tell   func(s *story)
		forged []string
		kind   ledger.FaultKind
	}{
		"with all of them":        {func(s *story) { s.carriedOut() }, nil, ""},
		"with too few":            {func(s *story) { s.ask().vote("ana").to("state", ledger.Approved).to("claim", ledger.Executing) }, nil, ledger.VotesFault},
		"without a claim":         {func(s *story) { s.ask().sending() }, nil, ledger.VotesFault},
		"a vote put in":           {func(s *story) { s.ask().vote("ana") }, []string{forgedVote}, ledger.RecordFault},
		"a vote put in afterward": {func(s *story) { s.carriedOut() }, []string{forgedVote}, ledger.RecordFault},
	} {
		t.Run(name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, dsn string) {
				l, across := prunedLedger(t, dsn)
				fresh := newStory(t, l, "req_new")
				fresh.at = across.at.Add(time.Minute)
				tt.tell(fresh)
				tamper(t, dsn, tt.forged...)
				r := verify(t, l, ledger.VerifyOptions{})
				if tt.kind == "" {
					mustHold(t, r)
					return
				}
				if len(r.Faults) != 1 || r.Faults[0].Kind != tt.kind || r.Faults[0].RequestID != "req_new" {
					t.Errorf("got %v, want %s", r.Faults, tt.kind)
				}
			})
		})
	}
}

// Votes that went with the trail's beginning can't be counted any more, and aren't missed.
func TestARequestThatRetentionCutThroughIsNotHeldAgainstAnybody(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		l, across := prunedLedger(t, dsn)
		later := newStory(t, l, "req_later")
		later.at = epoch.Add(48 * time.Hour)
		later.carriedOut()
		// Once more, with nothing told of it in between.
		if removed, err := l.Prune(t.Context(), later.at.Add(-time.Hour), later.at); err != nil || removed == 0 {
			t.Fatalf("%d rows went, %v", removed, err)
		}
		across.at = later.at
		across.vote("cy").to("state", ledger.Approved).to("claim", ledger.Executing).sending().to("outcome", ledger.Succeeded)
		mustHold(t, verify(t, l, ledger.VerifyOptions{}))
	})
}

// Nor is the claim, where what was sent by it is told of later.
func TestAClaimThatRetentionTookIsNotMissed(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		l := openAt(t, dsn, ledger.Options{Key: key})
		s := newStory(t, l, "req_1").ask().vote("ana").vote("ben").vote("cy").to("state", ledger.Approved).to("claim", ledger.Executing)
		s.at = epoch.Add(24 * time.Hour)
		s.sending()
		if removed, err := l.Prune(t.Context(), s.at.Add(-time.Hour), s.at); err != nil || removed == 0 {
			t.Fatalf("%d rows went, %v", removed, err)
		}
		s.to("outcome", ledger.Succeeded)
		mustHold(t, verify(t, l, ledger.VerifyOptions{}))
	})
}

// What is left of such a request is held to the ways that there are.
func TestAStepThatNoRowRecordsIsFoundAfterRetention(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		l, across := prunedLedger(t, dsn)
		across.to("state", ledger.Approved).silently(ledger.Executing).to("outcome", ledger.Succeeded)
		r := verify(t, l, ledger.VerifyOptions{})
		if len(r.Faults) != 1 || r.Faults[0].Kind != ledger.StateFault || r.Faults[0].RequestID != "req_across" {
			t.Errorf("got %v", r.Faults)
		}
	})
}

func TestVotesAreCountedInAnExportAfterRetention(t *testing.T) {
	l, across := prunedLedger(t, newPath(t))
	fresh := newStory(t, l, "req_new")
	fresh.at = across.at.Add(time.Minute)
	fresh.ask().vote("ana").to("state", ledger.Approved).to("claim", ledger.Executing)
	var out bytes.Buffer
	if err := l.Export(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	r, err := ledger.VerifyExport(&out, ledger.VerifyOptions{Keys: keys()})
	if err != nil || len(r.Faults) != 1 || r.Faults[0].Kind != ledger.VotesFault {
		t.Errorf("got %v, %v", r.Faults, err)
	}
}

// Nothing was told between two retentions of a request that waits still.
func TestARequestThatWaitsThroughRetentionsIsNotHeldAgainstAnybody(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		l := openAt(t, dsn, ledger.Options{Key: key})
		waits := newStory(t, l, "req_waits").ask().vote("ana")
		for day := 1; day <= 3; day++ {
			other := newStory(t, l, fmt.Sprintf("req_%d", day))
			other.at = epoch.Add(time.Duration(day) * 24 * time.Hour)
			other.carriedOut()
			if removed, err := l.Prune(t.Context(), other.at.Add(-time.Hour), other.at); err != nil || removed == 0 {
				t.Fatalf("%d rows went, %v", removed, err)
			}
			waits.at = other.at
			mustHold(t, verify(t, l, ledger.VerifyOptions{}))
		}
		waits.vote("ben")
		mustHold(t, verify(t, l, ledger.VerifyOptions{}))
	})
}

// Who writes into the store can make a request that has its votes. It does not pass for
// one whose beginning was taken away.
func TestARequestThatNobodyAskedForIsFoundAfterRetention(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		l, across := prunedLedger(t, dsn)
		forged := newStory(t, l, "req_forged")
		forged.at = across.at.Add(time.Minute)
		write(t, l, func(tx ledger.Tx) error { // as nobody does who lets the trail know
			r := forged.request()
			r.State = ledger.Approved
			return tx.Insert(r)
		})
		forged.to("claim", ledger.Executing).sending().to("outcome", ledger.Succeeded)
		r := verify(t, l, ledger.VerifyOptions{})
		if len(r.Faults) != 1 || r.Faults[0].Kind != ledger.StateFault || r.Faults[0].RequestID != "req_forged" {
			t.Errorf("got %v", r.Faults)
		}
	})
}

// Nor does one that nothing has been done with yet, however old it says it is and however
// often rows were taken away since.
func TestARequestPutInAmongOldOnesIsFound(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		l := openAt(t, dsn, ledger.Options{Key: key})
		putIn := func(id string) { // of long before the rows went
			write(t, l, func(tx ledger.Tx) error { return tx.Insert(newStory(t, l, id).request()) })
		}
		newStory(t, l, "req_old").carriedOut()
		putIn("req_forged_1")
		across := newStory(t, l, "req_across").ask()
		prune := func(at time.Time) {
			t.Helper()
			next := newStory(t, l, "req_of_"+at.String())
			next.at = at
			next.carriedOut()
			if removed, err := l.Prune(t.Context(), at.Add(-time.Hour), at); err != nil || removed == 0 {
				t.Fatalf("%d rows went, %v", removed, err)
			}
		}
		prune(epoch.Add(24 * time.Hour))
		putIn("req_forged_2")
		found := func() {
			t.Helper()
			r := verify(t, l, ledger.VerifyOptions{})
			for i, id := range []string{"req_forged_1", "req_forged_2"} {
				if len(r.Faults) != 2 || r.Faults[i].Kind != ledger.RecordFault || r.Faults[i].RequestID != id {
					t.Errorf("got %v", r.Faults)
				}
			}
		}
		found()
		prune(epoch.Add(48 * time.Hour))
		found()
		across.at = epoch.Add(49 * time.Hour)
		across.vote("cy")
		found()
	})
}
