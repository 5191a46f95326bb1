//go:build unix

package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vpsops/internal/config"
)

// That others may read a secret is noted where they can come to it: a folder on the way
// that lets nobody in is how secrets are kept for containers, whose user is another.
func TestSecretThatOthersMayReadIsNoted(t *testing.T) {
	folder, err := os.MkdirTemp("", "vpsops-open") //nolint:usetesting // t.TempDir is in a folder that lets nobody in
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	file := filepath.Join(folder, "token")
	if err := os.WriteFile(file, []byte("vps_one\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for mode, want := range map[os.FileMode]int{0o755: 1, 0o700: 0} {
		if err := os.Chmod(folder, mode); err != nil {
			t.Fatal(err)
		}
		notes := load(t, config.Environ{"VPS_API_TOKEN_FILE": file}).Notes
		if len(notes) != want || want > 0 && !strings.Contains(notes[0], "which other users may read (mode 0644)") {
			t.Errorf("in a folder of mode %04o: %q", mode, notes)
		}
		if notes := load(t, config.Environ{"VPSOPS_PERSON_FILE": file}).Notes; len(notes) > 0 {
			t.Errorf("what is no secret: %q", notes)
		}
	}
}
