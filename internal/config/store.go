package config

import (
	"net/url"
	"path/filepath"
	"strings"
)

// storeFile is the name of the SQLite file in the state folder.
const storeFile = "ledger.db"

// Store says where requests, votes and the audit trail are kept: in the file
// Path or, where that is set, in PostgreSQL. Neither set is the default file.
type Store struct {
	Path        string
	PostgresURL Secret // may hold a password
}

func (p *parser) store(name, value string) Store {
	scheme, _, ok := strings.Cut(value, "://")
	switch {
	case !ok:
		return Store{Path: value}
	case scheme != "postgres" && scheme != "postgresql":
		p.fault(name, "begins with neither postgres:// nor a path")
		return Store{}
	}
	// The library's error quotes the value, and with it the password.
	if u, err := url.Parse(value); err != nil || u.Host == "" && u.Query().Get("host") == "" {
		p.fault(name, "isn't an address of PostgreSQL (write special characters in the password as %%XX)")
		return Store{}
	}
	return Store{PostgresURL: NewSecret(value)}
}

// StorePath is the SQLite file: the one that is set, else one in the state
// folder. It is empty where PostgreSQL is used. The error says what to set on a
// machine without a state folder.
func (c *Config) StorePath() (string, error) {
	switch {
	case c.Store.PostgresURL.IsSet():
		return "", nil
	case c.Store.Path != "":
		return c.Store.Path, nil
	}
	folder, err := c.StateFolder()
	if err != nil {
		return "", err
	}
	return filepath.Join(folder, storeFile), nil
}
