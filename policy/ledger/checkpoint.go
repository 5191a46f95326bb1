package ledger

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"vpsops/internal/seal"
)

const (
	checkpointDomain = "vpsops audit checkpoint 1"
	checkpointWord   = "vpsops-checkpoint-1"
)

// KindCheckpoint is the Kind of the audit rows that hold a [Checkpoint].
const KindCheckpoint = "checkpoint"

// Checkpoint is a signed statement of where the audit trail had got to. Kept
// elsewhere (a log, a channel), it shows later whether rows up to it were
// changed or the tail was cut off.
type Checkpoint struct {
	Seq  int64     // the last row it covers
	Hash string    // that row's hash, in hex
	At   time.Time // when it was signed
	Key  ed25519.PublicKey
	Sig  []byte
}

// CheckpointKey returns the public key that checkpoints made with VPSOPS_KEY
// are signed with (Ed25519, RFC 8032).
func CheckpointKey(key seal.Key) ed25519.PublicKey {
	return publicKey(signingKey(key))
}

func signingKey(key seal.Key) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(key.Derive("audit checkpoint"))
}

// publicKey is the second half of a private key (see [ed25519.PrivateKey]).
func publicKey(key ed25519.PrivateKey) ed25519.PublicKey {
	return ed25519.PublicKey(key[ed25519.PrivateKeySize-ed25519.PublicKeySize:])
}

func (c Checkpoint) message() []byte {
	var b encoder
	b.text(checkpointDomain)
	b.number(c.Seq)
	b.text(c.Hash)
	b.number(nanos(c.At))
	return b
}

func sign(key ed25519.PrivateKey, l link, at int64) Checkpoint {
	c := Checkpoint{Seq: l.seq, Hash: l.hash.String(), At: fromNanos(at), Key: publicKey(key)}
	c.Sig = ed25519.Sign(key, c.message())
	return c
}

// signedBy tells whether the checkpoint is right and made with the key.
func (c Checkpoint) signedBy(key ed25519.PublicKey) bool {
	return len(key) == ed25519.PublicKeySize && c.Key.Equal(key) && ed25519.Verify(key, c.message(), c.Sig)
}

var checkpointEncoding = base64.RawURLEncoding.Strict()

// String is the checkpoint on one line, for [ParseCheckpoint].
func (c Checkpoint) String() string {
	return fmt.Sprintf("%s %d %s %d %s %s", checkpointWord, c.Seq, c.Hash, nanos(c.At),
		checkpointEncoding.EncodeToString(c.Key), checkpointEncoding.EncodeToString(c.Sig))
}

// ParseCheckpoint reads what String writes. Whether the signature is right is
// for [SQL.Verify] to say.
func ParseCheckpoint(line string) (Checkpoint, error) {
	bad := errors.New("ledger: this is no checkpoint: paste the whole line, from " + checkpointWord + " on")
	fields := strings.Fields(line)
	if len(fields) != 6 || fields[0] != checkpointWord {
		return Checkpoint{}, bad
	}
	seq, err1 := strconv.ParseInt(fields[1], 10, 64)
	_, ok := parseHash(fields[2])
	at, err2 := strconv.ParseInt(fields[3], 10, 64)
	key, err3 := checkpointEncoding.DecodeString(fields[4])
	sig, err4 := checkpointEncoding.DecodeString(fields[5])
	if errors.Join(err1, err2, err3, err4) != nil || !ok || seq < 1 || len(key) != ed25519.PublicKeySize || len(sig) != ed25519.SignatureSize {
		return Checkpoint{}, bad
	}
	return Checkpoint{Seq: seq, Hash: fields[2], At: fromNanos(at), Key: key, Sig: sig}, nil
}
