package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"vpsops/policy"
	"vpsops/policy/ledger"
)

// records opens the configured ledger for a command that reads or keeps it,
// without an API or a policy, and closes it afterwards. A ledger that is not
// there is none that is empty: who looks for one looks in the wrong place.
func (p *program) records(ctx context.Context, work func(c *core, l *ledger.SQL) error) error {
	c, err := p.ledgerKeeper(ctx)
	if err != nil {
		return err
	}
	l, err := c.openLedger(ctx)
	if err != nil {
		return err
	}
	return errors.Join(work(c, l), l.Close())
}

// ledgerKeeper is recordKeeper where there is a ledger. Where there is none it
// makes neither one nor a key.
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

// recordKeeper is a core without anything that could change a server.
func (p *program) recordKeeper(ctx context.Context) (*core, error) {
	c, err := p.keylessKeeper(ctx)
	if err != nil {
		return nil, err
	}
	c.key, err = keyFor(c.cfg, false)
	return c, err
}

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
