package ledger

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// An explainer turns what a database said into what is behind it.
type explainer func(Problem, error) (Problem, error)

// deniedFile explains what SQLite says of a file: that it cannot be opened, also where
// it is there and this user is kept out; or that it is read-only, and not why.
func deniedFile(path string) explainer {
	return func(p Problem, err error) (Problem, error) {
		if p != Gone && p != ReadOnly {
			return p, err
		}
		if _, gone := os.Stat(path); errors.Is(gone, fs.ErrNotExist) {
			return p, err
		}
		why := mayUse(path)
		switch {
		case why != nil && p == Gone:
			return Forbidden, fmt.Errorf("%w; %w", err, why)
		case why != nil:
			return p, fmt.Errorf("%w; %w", err, why)
		case p == Gone:
			return OtherFault, err
		}
		return p, err
	}
}

// mayUse says what keeps this user from writing a ledger, or nil.
func mayUse(path string) error {
	if err := mayRead(path); err != nil {
		return err
	}
	for _, suffix := range besides {
		if err := denied(path + suffix); err != nil {
			return err
		}
	}
	return denied(filepath.Dir(path))
}

// mayRead says what keeps this user from reading a ledger, or nil.
func mayRead(path string) error {
	for _, suffix := range besides {
		if err := deniedReading(path + suffix); err != nil {
			return err
		}
	}
	return nil
}
