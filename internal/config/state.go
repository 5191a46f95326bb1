package config

import (
	"fmt"
	"path/filepath"
	"runtime"

	"github.com/sethvargo/go-envconfig"
)

const program = "vpsops"

// NoStateFolderError says that this user has no place for files of the
// program's own.
type NoStateFolderError struct {
	Unset string // the variable that would have said where
}

// Error says what to set.
func (e *NoStateFolderError) Error() string {
	return fmt.Sprintf("there is no folder to keep the ledger and its key in, since %s isn't set; for example VPSOPS_STORE=%s",
		e.Unset, exampleOf("VPSOPS_STORE"))
}

type stateFolder struct {
	path string
	err  error
}

// StateFolder is where this user's ledger, key and the like are kept:
// $XDG_STATE_HOME/vpsops or ~/.local/state/vpsops (XDG Base Directory 0.8),
// ~/Library/Application Support/vpsops on macOS, %LocalAppData%\vpsops on
// Windows. It may not exist yet. The error is a [*NoStateFolderError].
func (c *Config) StateFolder() (string, error) {
	return c.state.path, c.state.err
}

func findStateFolder(lookup envconfig.Lookuper) stateFolder {
	return stateFolderOn(runtime.GOOS, func(name string) string {
		value, _ := lookup.Lookup(name)
		return value
	})
}

func stateFolderOn(goos string, getenv func(string) string) stateFolder {
	base, sub := "HOME", []string{".local", "state"}
	switch goos {
	case "windows":
		base, sub = "LocalAppData", nil
	case "darwin":
		sub = []string{"Library", "Application Support"}
	default:
		// The standard has a relative path ignored.
		if xdg := getenv("XDG_STATE_HOME"); filepath.IsAbs(xdg) {
			return stateFolder{path: filepath.Join(xdg, program)}
		}
	}
	root := getenv(base)
	if root == "" {
		return stateFolder{err: &NoStateFolderError{Unset: base}}
	}
	return stateFolder{path: filepath.Join(append(append([]string{root}, sub...), program)...)}
}
