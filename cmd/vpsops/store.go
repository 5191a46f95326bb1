package main

import (
	"context"

	"vpsops/policy/ledger"
)

// openLedger opens the configured ledger.
func (c *core) openLedger(ctx context.Context) (*ledger.SQL, error) {
	dsn, err := c.storeAddress()
	if err != nil {
		return nil, err
	}
	return ledger.Open(ctx, dsn, ledger.Options{Key: c.key, Logger: c.logger, OnCheckpoint: c.publish, OwnDates: true, OnlyRead: c.onlyRead})
}

// publish shows a checkpoint outside of the ledger, where something can.
func (c *core) publish(p ledger.Checkpoint) {
	if c.onCheckpoint != nil {
		c.onCheckpoint(p)
	}
}

// storeAddress is a path or an address of PostgreSQL, which may hold a
// password.
func (c *core) storeAddress() (string, error) {
	if url := c.cfg.Store.PostgresURL; url.IsSet() {
		return url.Reveal(), nil
	}
	return c.cfg.StorePath()
}

// storeWords say where the ledger is, without a password.
func (c *core) storeWords() string {
	switch {
	case c.sandbox:
		return "in memory: requests end with this process"
	case c.cfg.Store.PostgresURL.IsSet():
		return "in PostgreSQL"
	}
	return c.storeName()
}

// storeName is what the configured ledger is called: its path, or which database it is,
// without a password.
func (c *core) storeName() string {
	if place := c.cfg.Store.Place(); place != "" {
		return place
	}
	path, err := c.cfg.StorePath()
	if err != nil {
		return err.Error()
	}
	return path
}
