package config_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"vpsops/internal/config"
)

func TestKeyIsMadeOnceBesideTheStore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state", "vpsops")
	cfg := load(t, config.Environ{"VPSOPS_STORE": filepath.Join(dir, "my.db")})
	first, err := cfg.Key()
	if err != nil {
		t.Fatal(err)
	}
	again, err := cfg.Key()
	if err != nil || !bytes.Equal(first.Bytes(), again.Bytes()) || len(first.Bytes()) != config.KeySize {
		t.Fatalf("the second start got another key, or error %v", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Fatalf("files left: %v, error %v", entries, err)
	}
	info, err := entries[0].Info()
	if err != nil || info.Name() != "vpsops.key" || info.Mode() != 0o600 {
		t.Errorf("%s with mode %v, error %v", info.Name(), info.Mode(), err)
	}
}

func TestKeyForPostgresIsInTheStateFolder(t *testing.T) {
	dir := t.TempDir()
	cfg := load(t, config.Environ{"VPSOPS_STORE": "postgres://db/x", "XDG_STATE_HOME": dir, "HOME": dir, "LocalAppData": dir})
	if _, err := cfg.Key(); err != nil {
		t.Fatal(err)
	}
	folder, err := cfg.StateFolder()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(folder, "vpsops.key")); err != nil {
		t.Error(err)
	}
}

func TestProcessesThatStartTogetherShareTheKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "vpsops.key")
	const starters = 32
	keys := make([]config.Key, starters)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() {
			key, err := config.LoadKey(path)
			if err != nil {
				t.Error(err)
			}
			keys[i] = key
		})
	}
	wg.Wait()
	for _, key := range keys[1:] {
		if !bytes.Equal(key.Bytes(), keys[0].Bytes()) {
			t.Fatal("two starters hold different keys")
		}
	}
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
		t.Errorf("files left: %v", entries)
	}
}

func TestKeyFileThatCannotBeTrusted(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil { // past the umask
			t.Fatal(err)
		}
		return path
	}
	open := write("it's open", someKey, 0o644)
	group := write("group", someKey, 0o660)
	short := write("short", "c2hvcnQ=\n", 0o600)
	blank := write("blank", "", 0o600)
	under := filepath.Join(short, "vpsops.key")
	const remedy = "; put it back from a backup, or remove it for a new key (open requests and old checkpoints are then void)"
	for path, want := range map[string]string{
		open:  "the key file " + open + " can be used by others (mode 0644); run: chmod 600 '" + dir + `/it'\''s open'`,
		group: "the key file " + group + " can be used by others (mode 0660); run: chmod 600 '" + group + "'",
		short: "the key file " + short + " doesn't hold 32 bytes in base64" + remedy,
		blank: "the key file " + blank + " doesn't hold 32 bytes in base64" + remedy,
		under: "the key file " + under + " can't be read (not a directory); let this user read it",
	} {
		_, err := config.LoadKey(path)
		keyErr, ok := errors.AsType[*config.KeyFileError](err)
		if !ok || keyErr.Path != path {
			t.Errorf("%s: got %v, want a *config.KeyFileError", path, err)
		} else if err.Error() != want {
			t.Errorf("got  %s\nwant %s", err, want)
		}
	}
}

func TestKeySpellings(t *testing.T) {
	raw := bytes.Repeat([]byte{0xfb, 0xef, 0xff, 0x3e}, 8)
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		cfg := load(t, config.Environ{"VPSOPS_KEY": encoding.EncodeToString(raw)})
		if key, err := cfg.Key(); err != nil || !bytes.Equal(key.Bytes(), raw) {
			t.Errorf("%s: %x, error %v", encoding.EncodeToString(raw), key.Bytes(), err)
		}
	}
}

func TestNewKeysDiffer(t *testing.T) {
	a, b := config.NewKey(), config.NewKey()
	if len(a.Bytes()) != config.KeySize || bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("two new keys are the same, or too short")
	}
}
