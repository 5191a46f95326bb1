package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"vpsops/internal/config"
	"vpsops/internal/seal"
	"vpsops/policy/ledger"
)

// takeKey has the core sign with the installation's key. Beside a file that is no
// ledger, or none that can be read, there is none and none is made: what is shown here
// until that is mended needs no ledger, and is signed for as long as this process lives.
func (c *core) takeKey() error {
	key, err := keyFor(c.cfg, c.sandbox)
	if fault := (*ledger.StoreError)(nil); errors.As(err, &fault) && fault.Problem != ledger.OtherKey {
		c.key, c.unfit = sealOf(config.NewKey()), err
		return nil
	}
	c.key = key
	return bySetting(err)
}

// keyTime is how long a ledger that does not answer may hold up who only may want it.
const keyTime = 3 * time.Second

// checkKey refuses a ledger that another key has signed, at the start of what opens it
// only when it is wanted. What else may be wrong with it is told then: until then
// reads go on.
func (c *core) checkKey(ctx context.Context) error {
	dsn, err := c.storeAddress()
	if err != nil || c.sandbox || c.unfit != nil {
		return nil // as of what is wrong with the address
	}
	ctx, cancel := context.WithTimeout(ctx, keyTime)
	defer cancel()
	err = ledger.CheckKey(ctx, dsn, c.key)
	if fault := (*ledger.StoreError)(nil); errors.As(err, &fault) && fault.Problem == ledger.OtherKey {
		return bySetting(err)
	}
	return nil
}

// bySetting names the variable that a fault of the ledger is mended by.
func bySetting(err error) error {
	fault := (*ledger.StoreError)(nil)
	switch {
	case !errors.As(err, &fault):
		return err
	case fault.Problem == ledger.OtherKey:
		return fmt.Errorf("VPSOPS_KEY: %w", err)
	}
	return fmt.Errorf("VPSOPS_STORE: %w", err)
}

// keyFor is the installation's key, which is made where there is none. A simulated
// one goes without a file where none can be kept.
func keyFor(cfg *config.Config, simulated bool) (seal.Key, error) {
	if simulated {
		key, err := cfg.Key()
		if err != nil {
			key = config.NewKey()
		}
		return sealOf(key), nil
	}
	key, err := oldKey(cfg)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := mayMakeKey(cfg); err != nil {
		return seal.Key{}, err
	}
	made, err := cfg.Key()
	if err != nil {
		return seal.Key{}, err
	}
	return sealOf(made), nil
}

// mayMakeKey refuses a file that is no ledger, which another program's files stand
// beside, and one that has its key already, wherever that is.
func mayMakeKey(cfg *config.Config) error {
	path, err := cfg.StorePath()
	if err != nil || path == "" {
		return err
	}
	return ledger.CheckKey(context.Background(), path, seal.Key{})
}

// oldKey is the key that there is already, where a new one would fit nothing. The error
// is fs.ErrNotExist, too, where there is none.
func oldKey(cfg *config.Config) (seal.Key, error) {
	key, err := cfg.OldKey()
	if err != nil {
		return seal.Key{}, err
	}
	return sealOf(key), nil
}

func sealOf(key config.Key) seal.Key { return seal.NewKey([config.KeySize]byte(key.Bytes())) }
