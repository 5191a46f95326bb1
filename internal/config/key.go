package config

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"log/slog"
	"strings"
)

// KeySize is the length of a key in bytes.
const KeySize = 32

// Key signs what leaves the program and has to come back unchanged. Like
// [Secret], it can't be printed.
type Key struct {
	secret Secret
}

// NewKey makes a random key, for an installation that keeps nothing.
func NewKey() Key {
	b := make([]byte, KeySize)
	_, _ = rand.Read(b) // never fails: it would end the program
	return Key{secret: NewSecret(string(b))}
}

// Bytes returns a copy of the key, KeySize bytes.
func (k Key) Bytes() []byte { return []byte(k.secret.Reveal()) }

// String returns a placeholder.
func (k Key) String() string { return redacted }

// GoString returns a placeholder.
func (k Key) GoString() string { return redacted }

// Format writes a placeholder for every verb.
func (k Key) Format(f fmt.State, verb rune) { k.secret.Format(f, verb) }

// MarshalText returns a placeholder.
func (k Key) MarshalText() ([]byte, error) { return k.secret.MarshalText() }

// LogValue returns a placeholder.
func (k Key) LogValue() slog.Value { return k.secret.LogValue() }

func (k Key) encode() string {
	return base64.StdEncoding.EncodeToString(k.Bytes())
}

// decodeKey takes base64 with or without padding, of either alphabet.
func decodeKey(s string) (Key, bool) {
	for _, encoding := range []*base64.Encoding{
		base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding,
	} {
		if b, err := encoding.Strict().DecodeString(s); err == nil {
			return Key{secret: NewSecret(string(b))}, len(b) == KeySize
		}
	}
	return Key{}, false
}

// isZero finds a key that nobody made: what is sealed by it anybody can forge.
func (k Key) isZero() bool { return strings.Trim(k.secret.Reveal(), "\x00") == "" }

func (p *parser) key(name, value string) *Key {
	if value == "" {
		return nil
	}
	key, ok := decodeKey(value)
	switch {
	case !ok:
		p.fault(name, "isn't %d bytes in base64", KeySize)
		return nil
	case key.isZero():
		p.fault(name, "is all zeros, which anybody can guess")
		return nil
	}
	return &key
}

// Key returns VPSOPS_KEY, or the key in the file beside the store, which is made
// on the first start. Any number of processes may call it at once and get the
// same key. The error is a [*KeyFileError] or a [*NoStateFolderError].
func (c *Config) Key() (Key, error) {
	if c.key != nil {
		return *c.key, nil
	}
	path, err := c.keyPath()
	if err != nil {
		return Key{}, err
	}
	return LoadKey(path)
}

// OldKey is Key where a new one would help nothing: it makes none. The error is
// fs.ErrNotExist, too, where there is none.
func (c *Config) OldKey() (Key, error) {
	if c.key != nil {
		return *c.key, nil
	}
	path, err := c.keyPath()
	if err != nil {
		return Key{}, err
	}
	return readKey(path)
}

// WithNewKey is the same configuration with a key that is kept nowhere, for a process that
// looks at an installation before there is one.
func (c *Config) WithNewKey() *Config {
	with, key := *c, NewKey()
	with.key = &key
	return &with
}
