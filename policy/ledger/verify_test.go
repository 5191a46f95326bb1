package ledger_test

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"vpsops/internal/seal"
	"vpsops/policy"
	"vpsops/policy/ledger"
)

func TestVerifyFindsTheFirstBadRow(t *testing.T) {
	for name, tt := range map[string]struct {
		statements []string
		kind       ledger.FaultKind
		seq        int64
	}{
		"untouched":         {nil, "", 0},
		"a detail edited":   {[]string{"UPDATE audit SET detail = 'deny by factor person' WHERE seq = 4"}, ledger.ChainFault, 4},
		"a proof edited":    {[]string{"UPDATE audit SET proof = '{}' WHERE seq = 3"}, ledger.ChainFault, 3},
		"a person edited":   {[]string{"UPDATE audit SET person = 'eve' WHERE seq = 2"}, ledger.ChainFault, 2},
		"a time edited":     {[]string{"UPDATE audit SET at = at + 1 WHERE seq = 5"}, ledger.ChainFault, 5},
		"a hash edited":     {[]string{"UPDATE audit SET hash = (SELECT hash FROM audit WHERE seq = 1) WHERE seq = 6"}, ledger.ChainFault, 6},
		"a row removed":     {[]string{"DELETE FROM audit WHERE seq = 3"}, ledger.ChainFault, 3},
		"the first removed": {[]string{"DELETE FROM audit WHERE seq = 1"}, ledger.ChainFault, 1},
		"the last removed":  {[]string{"DELETE FROM audit WHERE seq = 8"}, ledger.TailFault, 8},
		"two rows changed places": {[]string{
			"UPDATE audit SET seq = 99 WHERE seq = 4", "UPDATE audit SET seq = 4 WHERE seq = 5", "UPDATE audit SET seq = 5 WHERE seq = 99",
		}, ledger.ChainFault, 4},
		"a row put in": {[]string{
			"INSERT INTO audit SELECT 9, at, kind, request_id, server_id, account, person, identity_kind, identity_id, front, detail, data, proof, hash FROM audit WHERE seq = 8",
		}, ledger.ChainFault, 9},
		"a text moved to the next column": {[]string{"UPDATE audit SET person = person || front, front = '' WHERE seq = 4"}, ledger.ChainFault, 4},
		"the beginning hidden": {[]string{
			"UPDATE head SET anchor_seq = 2, anchor_hash = (SELECT hash FROM audit WHERE seq = 2)", "DELETE FROM audit WHERE seq <= 2",
		}, ledger.BeginningFault, 2},
		"the tail and the head cut off": {[]string{
			"DELETE FROM audit WHERE seq > 6", "UPDATE head SET seq = 6, hash = (SELECT hash FROM audit WHERE seq = 6)",
		}, ledger.RecordFault, 6},
		"the tail and the head cut off, and the request set back": {[]string{
			"DELETE FROM audit WHERE seq > 6", "UPDATE head SET seq = 6, hash = (SELECT hash FROM audit WHERE seq = 6)",
			"UPDATE requests SET state = 'executing'",
		}, "", 0}, // only a checkpoint shows it: see below
		"a state edited":    {[]string{"UPDATE requests SET state = 'failed'"}, ledger.RecordFault, 8},
		"a request removed": {[]string{"DELETE FROM requests"}, ledger.RecordFault, 8},
		"a request renamed": {[]string{"UPDATE requests SET id = 'req_2'"}, ledger.RecordFault, 0},
		"another's vote":    {[]string{"UPDATE votes SET person = 'eve' WHERE person = 'cy'"}, ledger.RecordFault, 8},
		"a no made a yes":   {[]string{"UPDATE votes SET approve = 1 - approve WHERE person = 'cy'"}, ledger.RecordFault, 8},
		"a vote removed":    {[]string{"DELETE FROM votes WHERE person = 'cy'"}, ledger.RecordFault, 8},
		"a vote put in":     {[]string{"INSERT INTO votes (request_id, person, identity_kind, identity_id, front, factor, own_only, approve, name_typed, reason, digest, at, number) SELECT request_id, 'eve', identity_kind, identity_id, front, factor, own_only, approve, name_typed, reason, digest, at, number + 100 FROM votes WHERE person = 'cy'"}, ledger.RecordFault, 8},
	} {
		t.Run(name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, dsn string) {
				l := openAt(t, dsn, ledger.Options{})
				newStory(t, l, "req_1").carriedOut()
				tamper(t, dsn, tt.statements...)
				r := verify(t, l, ledger.VerifyOptions{})
				if tt.kind == "" {
					mustHold(t, r)
					return
				}
				if len(r.Faults) == 0 || r.Faults[0].Kind != tt.kind || r.Faults[0].Seq != tt.seq {
					t.Errorf("got %v, want %s at row %d", r.Faults, tt.kind, tt.seq)
				}
			})
		})
	}
}

func TestVerifyNeedsTheVotes(t *testing.T) {
	executed := func(s *story) {
		s.to("state", ledger.Approved).to("claim", ledger.Executing).sending().to("outcome", ledger.Succeeded)
	}
	weak := func(v *ledger.Vote) { v.Factor = policy.Client }
	untyped := func(v *ledger.Vote) { v.NameTyped = false }
	for name, tt := range map[string]struct {
		tell func(s *story)
		kind ledger.FaultKind
	}{
		"all of them":                   {func(s *story) { executed(s.ask().vote("ana").vote("ben").vote("cy")) }, ""},
		"none":                          {func(s *story) { executed(s.ask()) }, ledger.VotesFault},
		"the asker does not approve":    {func(s *story) { executed(s.ask().vote("ana").vote("ben")) }, ledger.VotesFault},
		"nobody confirms for the asker": {func(s *story) { executed(s.ask().vote("ben").vote("cy").vote("dan")) }, ledger.VotesFault},
		"one person twice":              {func(s *story) { executed(s.ask().vote("ana").vote("ben").vote("ben")) }, ledger.VotesFault},
		"a weak factor":                 {func(s *story) { executed(s.ask().vote("ana").vote("ben").vote("cy", weak)) }, ledger.VotesFault},
		"the name not typed":            {func(s *story) { executed(s.ask().vote("ana", untyped).vote("ben").vote("cy")) }, ledger.VotesFault},
		"a no": {func(s *story) {
			executed(s.ask().vote("ana").vote("ben").vote("cy", func(v *ledger.Vote) { v.Approve = false }))
		}, ledger.VotesFault},
		"for something else": {func(s *story) {
			executed(s.ask().vote("ana").vote("ben").vote("cy", func(v *ledger.Vote) { v.Digest = "other" }))
		}, ledger.VotesFault},
		"by a sign-in for one's own": {func(s *story) {
			executed(s.ask().vote("ana").vote("ben").vote("cy", func(v *ledger.Vote) { v.OwnOnly = true }))
		}, ledger.VotesFault},
		"taken back before":            {func(s *story) { executed(s.ask().vote("ana").vote("ben").vote("cy").drop()) }, ledger.VotesFault},
		"a delete that needed nothing": {func(s *story) { s.ask().step("policy", func(r *ledger.Request) { r.Needs = nil }); executed(s) }, ledger.VotesFault},
		"sent before it was claimed":   {func(s *story) { s.ask().sending() }, ledger.VotesFault},
		"sent twice": {func(s *story) {
			s.ask().vote("ana").vote("ben").vote("cy").to("state", ledger.Approved).to("claim", ledger.Executing).sending().
				step("again", func(r *ledger.Request) { r.SendingAt = time.Time{} }).sending()
		}, ledger.TwiceFault},
		"a step that no row records": {func(s *story) {
			s.ask().silently(ledger.Approved).to("claim", ledger.Executing)
		}, ledger.StateFault},
		"a claim that no row records": {func(s *story) {
			s.ask().vote("ana").vote("ben").vote("cy").to("state", ledger.Approved).silently(ledger.Executing).sending()
		}, ledger.VotesFault},
		"a beginning that no row records": {func(s *story) {
			write(s.t, s.l, func(tx ledger.Tx) error {
				r := s.request()
				r.State = ledger.Approved
				return tx.Insert(r)
			})
			s.vote("ana").vote("ben").vote("cy").to("claim", ledger.Executing)
		}, ledger.StateFault},
	} {
		t.Run(name, func(t *testing.T) {
			l := openAt(t, newPath(t), ledger.Options{})
			tt.tell(newStory(t, l, "req_1"))
			r := verify(t, l, ledger.VerifyOptions{})
			if tt.kind == "" {
				mustHold(t, r)
				return
			}
			if len(r.Faults) == 0 || r.Faults[0].Kind != tt.kind || r.Faults[0].RequestID != "req_1" {
				t.Errorf("got %v, want %s", r.Faults, tt.kind)
			}
		})
	}
}

// silently takes the request to a state of which the trail isn't told.
func (s *story) silently(state ledger.State) *story {
	s.t.Helper()
	write(s.t, s.l, func(tx ledger.Tx) error {
		r, err := tx.Request(s.id)
		if err != nil {
			return err
		}
		r.State = state
		_, err = tx.Update(r)
		return err
	})
	return s
}

func TestVerifySaysWhoseVotesAreMissing(t *testing.T) {
	for who, voters := range map[string][]string{
		"0 votes of the asker, and needed 1": {"ben", "cy"},
		"1 votes of sre, and needed 2":       {"ana", "ben"},
	} {
		l := openAt(t, newPath(t), ledger.Options{})
		s := newStory(t, l, "req_1").ask()
		for _, voter := range voters {
			s.vote(voter)
		}
		s.to("state", ledger.Approved).to("claim", ledger.Executing)
		if r := verify(t, l, ledger.VerifyOptions{}); len(r.Faults) != 1 || !strings.HasSuffix(r.Faults[0].Problem, who) {
			t.Errorf("got %v, want one with %s", r.Faults, who)
		}
	}
}

func TestVerifyTellsWhatAGrantLetRunFromWhatNobodyVotedFor(t *testing.T) {
	loose := policy.Rule{Kind: policy.GrantRule, ID: "loose", Unsafe: true}
	for name, tt := range map[string]struct {
		action policy.Action
		needs  []policy.Need
		rules  []policy.Rule
		kind   ledger.FaultKind
		unsafe map[string]int
	}{
		"by a grant":                {policy.Reboot, nil, []policy.Rule{{Kind: policy.GrantRule, ID: "all"}, loose}, "", map[string]int{"loose": 1}},
		"by none that is unsafe":    {policy.Reboot, nil, []policy.Rule{{Kind: policy.GrantRule, ID: "all"}}, ledger.VotesFault, nil},
		"by no grant":               {policy.Reboot, nil, []policy.Rule{{Kind: policy.GuardRule, ID: "loose", Unsafe: true}}, ledger.VotesFault, nil},
		"a delete":                  {policy.Delete, nil, []policy.Rule{loose}, ledger.VotesFault, nil},
		"a start, which needs none": {policy.Start, nil, nil, "", nil},
		"what a guard asks for":     {policy.Reboot, []policy.Need{{Count: 1, Factor: policy.PersonFactor}}, []policy.Rule{loose}, ledger.VotesFault, nil},
	} {
		t.Run(name, func(t *testing.T) {
			l := openAt(t, newPath(t), ledger.Options{})
			s := newStory(t, l, "req_1")
			write(t, l, func(tx ledger.Tx) error {
				r := s.request()
				r.State, r.Action, r.Needs, r.Rules = ledger.Approved, tt.action, tt.needs, tt.rules
				if err := tx.Insert(r); err != nil {
					return err
				}
				return tx.Audit(s.event(ledger.KindAsk, "ana", "approved"))
			})
			s.to("claim", ledger.Executing).sending().to("outcome", ledger.Succeeded)
			r := verify(t, l, ledger.VerifyOptions{})
			if !maps.Equal(r.Unsafe, tt.unsafe) {
				t.Errorf("without a vote ran %v, want %v", r.Unsafe, tt.unsafe)
			}
			if tt.kind == "" {
				mustHold(t, r)
				return
			}
			if len(r.Faults) != 1 || r.Faults[0].Kind != tt.kind {
				t.Errorf("got %v, want %s", r.Faults, tt.kind)
			}
		})
	}
}

func (s *story) drop() *story {
	s.t.Helper()
	write(s.t, s.l, func(tx ledger.Tx) error {
		if err := tx.DropVotes(s.id); err != nil {
			return err
		}
		return tx.Audit(s.event("state", "", "the votes are dropped"))
	})
	return s
}

func TestVerifySeesAClockGoBackwards(t *testing.T) {
	l := openAt(t, newPath(t), ledger.Options{})
	for i, at := range []time.Duration{0, time.Minute, time.Minute - ledger.ClockTolerance, time.Minute - ledger.ClockTolerance - 1, 2 * time.Minute} {
		write(t, l, func(tx ledger.Tx) error {
			return tx.Audit(ledger.Event{At: epoch.Add(at), Kind: "ask", RequestID: rowID(i)})
		})
	}
	for _, c := range []struct {
		skew time.Duration
		want []int64
	}{
		{0, []int64{4}},
		{time.Second, []int64{3, 4}},
	} {
		var got []int64
		for _, f := range verify(t, l, ledger.VerifyOptions{Skew: c.skew}).Faults {
			if f.Kind != ledger.ClockFault {
				t.Error(f)
			}
			got = append(got, f.Seq)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("with a skew of %s the clock's faults are at rows %v, want %v", c.skew, got, c.want)
		}
	}
}

func TestACheckpointShowsWhatWasCutOffAndWhatWasWrittenAnew(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		var published []ledger.Checkpoint
		o := ledger.Options{Key: key, CheckpointRows: 5, OnCheckpoint: func(c ledger.Checkpoint) { published = append(published, c) }}
		l := openAt(t, dsn, o)
		newStory(t, l, "req_1").carriedOut()
		newStory(t, l, "req_2").carriedOut()
		if len(published) < 3 {
			t.Fatalf("%d checkpoints in 16 rows", len(published))
		}
		last := published[len(published)-1]
		parsed, err := ledger.ParseCheckpoint(last.String())
		if err != nil || parsed.String() != last.String() {
			t.Fatalf("%v: %s", err, parsed)
		}
		given := ledger.VerifyOptions{Checkpoints: published}
		r := verify(t, l, given)
		mustHold(t, r)
		if r.Checkpoints != len(published) || r.Executions != 2 {
			t.Errorf("%+v", r)
		}
		forged := last
		forged.Hash = published[0].Hash
		other := openAt(t, newPath(t), ledger.Options{Key: seal.NewKey([32]byte{9})})
		foreign, err := other.Checkpoint(t.Context(), epoch)
		if err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]ledger.Checkpoint{"forged": forged, "another key's": foreign} {
			r := verify(t, l, ledger.VerifyOptions{Checkpoints: []ledger.Checkpoint{c}})
			if len(r.Faults) != 1 || r.Faults[0].Kind != ledger.CheckpointFault {
				t.Errorf("a checkpoint that is %s: %v", name, r.Faults)
			}
		}
		tamper(t, dsn, "DELETE FROM audit WHERE seq > 6", "UPDATE head SET seq = 6, hash = (SELECT hash FROM audit WHERE seq = 6)",
			"DELETE FROM votes WHERE request_id = 'req_2'", "DELETE FROM requests WHERE id = 'req_2'", "UPDATE requests SET state = 'approved'")
		mustHold(t, verify(t, l, ledger.VerifyOptions{}))
		r = verify(t, l, given)
		if len(r.Faults) == 0 || r.Faults[0].Kind != ledger.TailFault || r.Faults[0].Seq != 7 {
			t.Errorf("the tail is gone, and it says %v", r.Faults)
		}
	})
}

// An open request's votes decide what is done next.
func TestVerifyFindsAnApprovalPutIn(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		l := openAt(t, dsn, ledger.Options{})
		newStory(t, l, "req_1").ask().vote("ana").vote("ben", func(v *ledger.Vote) { v.Approve = false }).drop().vote("ana").vote("ben").vote("ben")
		mustHold(t, verify(t, l, ledger.VerifyOptions{}))
		tamper(t, dsn, "UPDATE votes SET person = 'cy' WHERE person = 'ana'")
		if r := verify(t, l, ledger.VerifyOptions{}); len(r.Faults) != 1 || r.Faults[0].Kind != ledger.RecordFault {
			t.Errorf("got %v", r.Faults)
		}
	})
}

// Who may write the store and has no key can make a whole new trail, but none
// that the checkpoints kept elsewhere agree with.
func TestATrailWrittenAnewIsNotTheOne(t *testing.T) {
	build := func(detail string, k seal.Key) (*ledger.SQL, ledger.Checkpoint) {
		l := openAt(t, newPath(t), ledger.Options{Key: k})
		write(t, l, func(tx ledger.Tx) error { return tx.Audit(ledger.Event{At: epoch, Kind: "ask", Detail: detail}) })
		c, err := l.Checkpoint(t.Context(), epoch)
		if err != nil {
			t.Fatal(err)
		}
		return l, c
	}
	_, kept := build("what was asked", key)
	anew, _ := build("what was never asked", key)
	if r := verify(t, anew, ledger.VerifyOptions{Checkpoints: []ledger.Checkpoint{kept}}); len(r.Faults) == 0 || r.Faults[0].Kind != ledger.CheckpointFault {
		t.Errorf("got %v", r.Faults)
	}
	forger, _ := build("what was never asked", seal.NewKey([32]byte{9}))
	var out bytes.Buffer
	if err := forger.Export(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	r, err := ledger.VerifyExport(&out, ledger.VerifyOptions{Keys: keys()})
	if err != nil || len(r.Faults) == 0 || r.Faults[0].Kind != ledger.CheckpointFault {
		t.Errorf("got %v, %v", r.Faults, err)
	}
}

func TestCheckpointsFollowTime(t *testing.T) {
	l := openAt(t, newPath(t), ledger.Options{Key: key, CheckpointAfter: time.Minute})
	for i := range 10 {
		write(t, l, func(tx ledger.Tx) error {
			return tx.Audit(ledger.Event{At: epoch.Add(time.Duration(i) * 20 * time.Second), Kind: "ask"})
		})
	}
	var at []int64
	read(t, l, func(tx ledger.ReadTx) error {
		rows, err := tx.Trail(ledger.EventFilter{Kinds: []string{ledger.KindCheckpoint}})
		for _, row := range rows {
			at = append(at, int64(row.At.Sub(epoch)/time.Second))
		}
		return err
	})
	if !slices.Equal(at, []int64{0, 60, 120, 180}) {
		t.Errorf("checkpoints after %v seconds", at)
	}
	mustHold(t, verify(t, l, ledger.VerifyOptions{}))
}

func TestSecretsAreNotWrittenDown(t *testing.T) {
	for _, l := range []ledger.Ledger{ledger.NewMemory(), openAt(t, newPath(t), ledger.Options{Key: key})} {
		secrets := []string{"vps_live_4711abcd", "vpsops_Zm9vYmFyYmF6", "xoxb-123456-abcdef", "xapp-1-A0-9f", "Bearer abcdefgh12345678", "eyJhbGciOiJub25l.eyJzdWIiOiIx.c2ln"}
		write(t, l, func(tx ledger.Tx) error {
			return tx.Audit(ledger.Event{
				At: epoch, Kind: "ask", RequestID: secrets[0], Detail: "said " + strings.Join(secrets, ", ") + " for web-01",
				Data: []byte(`{ "header": "bearer ` + secrets[1] + `", "name": "<web-01>", "tab": "Bearer\tabcdefgh12345678", "` + secrets[2] + `": "\u0076ps_live_4711abcd"}`),
			})
		})
		write(t, l, func(tx ledger.Tx) error { return tx.Audit(ledger.Event{At: epoch, Kind: "ask", Detail: secrets[0]}) })
		read(t, l, func(tx ledger.ReadTx) error {
			events, err := tx.Trail(ledger.EventFilter{Kinds: []string{"ask"}})
			text := events[0].Detail + string(events[0].Data) + events[0].RequestID
			for _, secret := range secrets {
				if strings.Contains(text, strings.TrimPrefix(secret, "Bearer ")) {
					t.Errorf("%s stands in %s", secret, text)
				}
			}
			if !strings.Contains(text, "web-01") || !strings.Contains(events[0].Detail, events[1].Detail) {
				t.Errorf("the same secret must be told again, and the rest kept: %s, %s", text, events[1].Detail)
			}
			return err
		})
	}
}
