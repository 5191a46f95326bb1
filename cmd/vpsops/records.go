package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"vpsops/internal/seal"
	"vpsops/policy"
	"vpsops/policy/ledger"
)

// records opens the configured ledger for a command that only reads it, without an
// API or a policy, and closes it afterwards. A ledger that is not there is none that
// is empty: who looks for one looks in the wrong place. A key is not made.
func (p *program) records(ctx context.Context, work func(c *core, l *ledger.SQL) error) error {
	c, err := p.recordReader(ctx)
	if err != nil {
		return err
	}
	if err := c.mustHaveLedger(); err != nil {
		return err
	}
	return c.inLedger(ctx, work)
}

// inLedger opens the ledger for a piece of work.
func (c *core) inLedger(ctx context.Context, work func(c *core, l *ledger.SQL) error) error {
	l, err := c.openLedger(ctx)
	if err != nil {
		return err
	}
	return errors.Join(work(c, l), l.Close())
}

// ledgerKeeper is a core that writes into the ledger and changes no server. Where
// there is no ledger it makes neither one nor a key.
func (p *program) ledgerKeeper(ctx context.Context) (*core, error) {
	c, err := p.keylessKeeper(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.mustHaveLedger(); err != nil {
		return nil, err
	}
	c.key, err = keyFor(c.cfg, false)
	return c, err
}

// recordReader is a core that only reads: it has the key where there is one.
func (p *program) recordReader(ctx context.Context) (*core, error) {
	c, err := p.keylessKeeper(ctx)
	if err != nil {
		return nil, err
	}
	c.onlyRead = true
	if c.key, err = oldKey(c.cfg); errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	return c, err
}

// keyed tells whether there is a key.
func (c *core) keyed() bool { return c.key != (seal.Key{}) }

func (p *program) keylessKeeper(ctx context.Context) (*core, error) {
	cfg, logger, err := p.load(ctx, false)
	if err != nil {
		return nil, err
	}
	return &core{cfg: cfg, logger: logger, identity: policy.Identity{Kind: policy.LocalUser, ID: cfg.Person}}, nil
}

// mustHaveLedger refuses an SQLite file that is not there. A database is asked
// when it is opened.
func (c *core) mustHaveLedger() error {
	path, err := c.cfg.StorePath()
	if err != nil || path == "" {
		return err
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return &usageError{fmt.Errorf("there is no ledger at %s: set VPSOPS_STORE to where the vpsops that serves has its own, a path or postgres://…", path)}
	}
	return nil
}

// family makes a command that has others below it.
func family(use, short, long, example string, below ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Long: long, Example: example}
	groupOfCommands(c)
	c.AddCommand(below...)
	return c
}
