package main

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"vpsops/internal/config"
	"vpsops/policy/ledger"
)

// ledgerUnmade tells whether the first process that serves would make the ledger's file. A
// link that leads nowhere is there, and can't be opened.
func ledgerUnmade(cfg *config.Config) bool {
	path, err := cfg.StorePath()
	if err != nil || path == "" {
		return false
	}
	_, err = os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// keyUnmade tells whether the first process that serves would make the key.
func keyUnmade(cfg *config.Config) bool {
	_, err := cfg.OldKey()
	return errors.Is(err, fs.ErrNotExist)
}

// doctorLedger opens the ledger, reads from it and has it take a write that changes
// nothing. It makes none: where there is none yet, it sees whether one can be made.
func (c *core) doctorLedger(ctx context.Context) check {
	made := check{name: "ledger", good: c.storeWords(), cure: "mend what it says, or set VPSOPS_STORE to another path or database"}
	path, err := c.cfg.StorePath()
	if c.unmade {
		made.err = ledger.CheckPlace(path)
		made.good += " (there is none yet, which serve makes; if there should be one, see that VPSOPS_STORE is right)" // a path may have a slip in it
		return made
	}
	if err == nil && path != "" && !c.sandbox {
		if info, err := os.Stat(path); err == nil && info.Size() == 0 {
			made.good += " (the file was there and empty: a new audit trail begins in it; if it ever held one, restore the last backup)"
		}
	}
	if made.err = c.readLedger(ctx); made.err == nil {
		made.err = c.tryWrite(ctx)
	}
	return made
}
