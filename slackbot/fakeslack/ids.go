package fakeslack

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

func lower(s string) string { return strings.ToLower(s) }

// next is a number never given before. Callers hold s.mu.
func (s *Slack) next() int {
	s.state.counter++
	return s.state.counter
}

// id makes an id like Slack's of a kind, V for a view.
func (s *Slack) id(kind string) string { return fmt.Sprintf("%s%09X", kind, 0xB0000000+s.next()) }

// timestamp names a message: seconds, and a number that makes it the only one.
func (s *Slack) timestamp() string {
	return fmt.Sprintf("%d.%06d", s.opts.Now().Unix(), s.next()%1_000_000)
}

// secret makes what nobody should guess, the same in every run.
func (s *Slack) secret(of string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", of, s.next()))
	return hex.EncodeToString(sum[:12])
}

// actionTime is the time of a press, as payloads have it.
func actionTime(t time.Time) string {
	return fmt.Sprintf("%d.%06d", t.Unix(), t.Nanosecond()/1000)
}
