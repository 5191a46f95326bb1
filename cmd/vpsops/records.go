package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"vpsops/policy"
	"vpsops/policy/ledger"
)

// records opens the configured ledger for a command that reads or keeps it,
// without an API or a policy, and closes it afterwards.
func (p *program) records(ctx context.Context, work func(c *core, l *ledger.SQL) error) error {
	c, err := p.recordKeeper(ctx)
	if err != nil {
		return err
	}
	l, err := c.openLedger(ctx)
	if err != nil {
		return err
	}
	return errors.Join(work(c, l), l.Close())
}

// recordKeeper is a core without anything that could change a server.
func (p *program) recordKeeper(ctx context.Context) (*core, error) {
	cfg, logger, err := p.load(ctx, false)
	if err != nil {
		return nil, err
	}
	c := &core{cfg: cfg, logger: logger, identity: policy.Identity{Kind: policy.LocalUser, ID: cfg.Person}}
	c.key, err = keyFor(cfg, false)
	return c, err
}

// family makes a command that has others below it.
func family(use, short, long, example string, below ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Long: long, Example: example}
	groupOfCommands(c)
	c.AddCommand(below...)
	return c
}
