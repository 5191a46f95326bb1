package seal_test

import (
	"errors"
	"fmt"
	"testing"

	"vpsops/internal/seal"
)

func TestOpensOnlyWhatItSealedForThatPurpose(t *testing.T) {
	key, other := seal.NewKey([32]byte{1}), seal.NewKey([32]byte{2})
	text := key.Seal("dialog", []byte("payload"))

	if got, err := key.Open("dialog", text); err != nil || string(got) != "payload" {
		t.Fatalf("Open = %q, %v", got, err)
	}
	for name, open := range map[string]func() ([]byte, error){
		"another purpose": func() ([]byte, error) { return key.Open("login", text) },
		"another key":     func() ([]byte, error) { return other.Open("dialog", text) },
		"no seal":         func() ([]byte, error) { return key.Open("dialog", "payload") },
		"empty":           func() ([]byte, error) { return key.Open("dialog", "") },
		"a line break":    func() ([]byte, error) { return key.Open("dialog", text[:3]+"\r\n"+text[3:]) },
		"one at the end":  func() ([]byte, error) { return key.Open("dialog", text+"\n") },
		"not base64":      func() ([]byte, error) { return key.Open("dialog", "!!!.???") },
	} {
		if _, err := open(); !errors.Is(err, seal.ErrForged) {
			t.Errorf("%s: err = %v, want ErrForged", name, err)
		}
	}
	for i := range text {
		changed := []byte(text)
		changed[i] ^= 1
		if _, err := key.Open("dialog", string(changed)); !errors.Is(err, seal.ErrForged) {
			t.Errorf("byte %d changed: err = %v, want ErrForged", i, err)
		}
	}
}

func TestKeyDoesNotPrint(t *testing.T) {
	key := seal.NewKey([32]byte{0xab})
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(verb, key); got != "[redacted]" {
			t.Errorf("%s prints %s", verb, got)
		}
	}
}
