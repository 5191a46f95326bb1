package config

import (
	"errors"
	"path/filepath"
	"testing"
)

func TestStateFolderOfEachSystem(t *testing.T) {
	for name, c := range map[string]struct {
		goos string
		env  Environ
		want string
	}{
		"XDG":               {"linux", Environ{"XDG_STATE_HOME": "/state", "HOME": "/home/ana"}, "/state/vpsops"},
		"a relative XDG":    {"linux", Environ{"XDG_STATE_HOME": "state", "HOME": "/home/ana"}, "/home/ana/.local/state/vpsops"},
		"linux":             {"linux", Environ{"HOME": "/home/ana"}, "/home/ana/.local/state/vpsops"},
		"macOS":             {"darwin", Environ{"HOME": "/Users/ana", "XDG_STATE_HOME": "/state"}, "/Users/ana/Library/Application Support/vpsops"},
		"Windows":           {"windows", Environ{"LocalAppData": "/ana/AppData/Local"}, "/ana/AppData/Local/vpsops"},
		"linux, no home":    {"linux", nil, ""},
		"Windows, no place": {"windows", Environ{"HOME": "/ana"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := stateFolderOn(c.goos, func(name string) string { return c.env[name] })
			if got.path != filepath.FromSlash(c.want) || (got.err != nil) != (c.want == "") {
				t.Errorf("got %q, error %v, want %q", got.path, got.err, c.want)
			}
		})
	}
}

func TestWithoutAStateFolderTheErrorSaysWhatToSet(t *testing.T) {
	cfg, err := Load(t.Context(), Environ{})
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]func() (string, error){"folder": cfg.StateFolder, "store": cfg.StorePath} {
		_, err := f()
		if _, ok := errors.AsType[*NoStateFolderError](err); !ok {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if _, err := cfg.Key(); err == nil || err.Error() != "there is no folder to keep the ledger and its key in, since HOME isn't set; for example VPSOPS_STORE=/var/lib/vpsops/ledger.db" {
		t.Errorf("key: error %v", err)
	}
}

func TestStorePath(t *testing.T) {
	for _, c := range []struct {
		env  Environ
		want string
	}{
		{Environ{"XDG_STATE_HOME": "/state"}, "/state/vpsops/ledger.db"},
		{Environ{"XDG_STATE_HOME": "/state", "VPSOPS_STORE": "here.db"}, "here.db"},
		{Environ{"VPSOPS_STORE": "postgresql:///vpsops?host=/run/postgresql"}, ""},
	} {
		cfg, err := Load(t.Context(), c.env)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := cfg.StorePath(); err != nil || got != c.want {
			t.Errorf("%v: %q, error %v", c.env, got, err)
		}
	}
}

// Every example in a fault's message must itself be right.
func TestExamplesAreRight(t *testing.T) {
	for f := range fields() {
		env := Environ{
			f.name:               f.example,
			"VPSOPS_OIDC_ISSUER": "https://id.example.com", "VPSOPS_OIDC_CLIENT_ID": "x",
			"VPSOPS_OAUTH_ISSUER": "https://id.example.com", "VPSOPS_OAUTH_AUDIENCE": "x",
		}
		if f.name == "VPSOPS_KEY" { // a shell makes the value
			env[f.name] = NewKey().encode()
		}
		if _, err := Load(t.Context(), env); err != nil {
			t.Errorf("%s=%s: %v", f.name, f.example, err)
		}
	}
}

func TestLoopback(t *testing.T) {
	for host, want := range map[string]bool{
		"127.0.0.1": true, "127.9.9.9:80": true, "::1": true, "[::1]": true, "[::1]:8321": true,
		"localhost": true, "LOCALHOST:1": true, "a.localhost": true, "localhost.": true, "::ffff:127.0.0.1": true,
		"": false, ":8321": false, "0.0.0.0": false, "[::]:80": false, "10.0.0.1": false,
		"localhost.example.com": false, "notlocalhost": false, "127.0.0.1.example.com": false,
	} {
		if got := IsLoopback(host); got != want {
			t.Errorf("IsLoopback(%q) = %v", host, got)
		}
	}
}
