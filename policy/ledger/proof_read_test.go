package ledger

import (
	"encoding/json"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// drawProof is any proof that a ledger could write.
func drawProof(t *rapid.T) proof {
	word := rapid.OneOf(rapid.StringMatching(`[a-z-]{0,12}`), rapid.String())
	vote := rapid.Custom(func(t *rapid.T) voteProof {
		return voteProof{
			Person: word.Draw(t, "person"), Approve: rapid.Bool().Draw(t, "approve"), Level: rapid.IntRange(-1, 12).Draw(t, "factor"),
			OwnOnly: rapid.Bool().Draw(t, "own"), NameTyped: rapid.Bool().Draw(t, "typed"), Reason: rapid.Bool().Draw(t, "reason"),
			Digest: word.Draw(t, "digest"),
		}
	})
	p := proof{
		State: State(word.Draw(t, "state")), Sending: rapid.Bool().Draw(t, "sending"), Dropped: rapid.Bool().Draw(t, "dropped"),
		Votes: rapid.SliceOfN(vote, 0, 3).Draw(t, "votes"),
	}
	if rapid.Bool().Draw(t, "claimed") {
		p.Claim = &claimProof{Action: "delete", Asker: word.Draw(t, "asker"), Needs: []storedNeed{{Count: 1, Factor: 2}}, Unsafe: []string{word.Draw(t, "grant")}}
	}
	return p
}

func unmarshalled(text []byte) (p proof, err error) {
	err = json.Unmarshal(text, &p)
	return p, err
}

func TestAProofIsReadAsAnyDecoderWould(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := mustJSON(drawProof(t))
		want, err := unmarshalled(text)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := readProof(text); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%s reads as %+v, %v; want %+v", text, got, err, want)
		}
	})
}

// The form that most rows have must not fall back to the slow way unseen.
func TestTheUsualProofsAreReadInOnePass(t *testing.T) {
	for _, p := range []proof{
		{},
		{State: Approved},
		{State: Executing, Sending: true},
		{Dropped: true},
		{State: Approved, Votes: []voteProof{{Person: "ana", Approve: true, Level: 2, NameTyped: true, Reason: true, Digest: "0f"}, {Person: "ben"}}},
	} {
		if got, ok := usualProof(mustJSON(p)); !ok || !reflect.DeepEqual(got, p) {
			t.Errorf("%s: %v, %+v", mustJSON(p), ok, got)
		}
	}
}

func FuzzReadProof(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"state":"approved"}`, `{"sending":true,"votes":[{"person":"ana","factor":2}]}`, `{"votes":[]}`, `{"state":"a","state":"b"}`,
		`{"votes":[{"person":"ana","approve":true,"factor":2,"digest":"ff"},{"person":"b","factor":1}]}`, `{"state":"\u0061"}`, `{"state":"a",}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, ok := usualProof(text)
		if !ok {
			return
		}
		want, err := unmarshalled(text)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s reads as %+v, any decoder says %+v, %v", text, got, want, err)
		}
	})
}
