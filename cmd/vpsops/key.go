package main

import (
	"context"
	"errors"
	"io/fs"

	"vpsops/internal/config"
	"vpsops/internal/seal"
	"vpsops/policy/ledger"
)

// takeKey has the core sign with the installation's key. Beside a file that is no
// ledger, or none that can be read, there is none and none is made: what is shown here
// until that is mended needs no ledger, and is signed for as long as this process lives.
func (c *core) takeKey() error {
	key, err := keyFor(c.cfg, c.sandbox)
	if fault := (*ledger.StoreError)(nil); errors.As(err, &fault) {
		c.key, c.unfit = sealOf(config.NewKey()), err
		return nil
	}
	c.key = key
	return err
}

// keyFor is the installation's key, which is made where there is none. A simulated one
// that was given none keeps nothing.
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

// mayMakeKey refuses a file that another program's files may stand beside.
func mayMakeKey(cfg *config.Config) error {
	path, err := cfg.StorePath()
	if err != nil || path == "" {
		return err
	}
	_, err = ledger.Signer(context.Background(), path)
	return err
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
