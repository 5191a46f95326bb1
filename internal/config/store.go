package config

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
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
	case value == ":memory:", !ok && strings.HasPrefix(value, "file:"): // SQLite would be given a file of that name
		p.fault(name, "is SQLite's own way to name a database, where the path of a file belongs")
		return Store{}
	case isConnectionString(value): // it may hold a password, and a path is printed
		p.postgresFault(name, "is a list of words for PostgreSQL, where its address belongs")
		return Store{}
	case !ok && (strings.HasPrefix(value, "postgres:") || strings.HasPrefix(value, "postgresql:")):
		p.postgresFault(name, "isn't an address of PostgreSQL, which begins with postgres://")
		return Store{}
	case value == "~" || strings.HasPrefix(value, "~/"): // it would be a folder of that name
		p.fault(name, "begins with ~, which nothing but a shell takes for the home folder")
		return Store{}
	case strings.TrimSpace(value) != value:
		p.fault(name, "begins or ends with a space")
		return Store{}
	case !ok:
		return Store{Path: p.path(name, value)}
	case scheme != "postgres" && scheme != "postgresql":
		p.fault(name, "begins with neither postgres:// nor a path")
		return Store{}
	}
	// The library's error quotes the value, and with it the password.
	u, err := url.Parse(value)
	if err != nil || u.Host == "" && u.Query().Get("host") == "" {
		p.postgresFault(name, "isn't an address of PostgreSQL (write special characters in the password as %XX)")
		return Store{}
	}
	if _, err := pgx.ParseConfig(value); err != nil {
		p.postgresFault(name, "isn't an address that PostgreSQL can be reached by: "+postgresProblem(u))
		return Store{}
	}
	return Store{PostgresURL: NewSecret(value)}
}

// isConnectionString tells PostgreSQL's other way to say where a database is, such as
// "host=db password=secret".
func isConnectionString(value string) bool {
	word, _, ok := strings.Cut(value, "=")
	return ok && slices.Contains([]string{"host", "hostaddr", "port", "dbname", "user", "password", "passfile", "service", "sslmode"}, strings.TrimSpace(word))
}

// postgresFault shows an address of PostgreSQL as the example: who wrote one
// wants no file.
func (p *parser) postgresFault(name, problem string) {
	p.faults = append(p.faults, Fault{
		Variable: p.setBy(name), Problem: problem,
		Example: name + "=postgres://vpsops@db.example.com:5432/vpsops?sslmode=verify-full",
	})
}

// postgresProblem is what the library says of an address that it can't use. It
// is asked of one without passwords, as it quotes what it is asked about.
func postgresProblem(u *url.URL) string {
	bare := *u
	if u.User != nil {
		bare.User = url.User(u.User.Username())
	}
	query := u.Query()
	for _, secret := range []string{"password", "sslpassword"} {
		if query.Has(secret) {
			query.Set(secret, "x")
		}
	}
	bare.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20") // the library takes a + for one
	_, err := pgx.ParseConfig(bare.String())
	if err == nil {
		return "its password can't be used"
	}
	_, problem, ok := strings.Cut(err.Error(), "`: ") // behind the address
	if !ok {
		return "it can't be read"
	}
	return problem
}

// Place says where a database is, without a password: which one, and on which host.
// It is "" where none is set.
func (s Store) Place() string {
	if !s.PostgresURL.IsSet() {
		return ""
	}
	at, err := pgx.ParseConfig(s.PostgresURL.Reveal())
	if err != nil {
		return "PostgreSQL"
	}
	return fmt.Sprintf("PostgreSQL (%s at %s)", cmp.Or(at.Database, at.User), net.JoinHostPort(at.Host, strconv.Itoa(int(at.Port))))
}

// storeRisks tells of a database that may be reached in the clear, where nobody said that
// it should: the library then takes whatever answers, and the password goes there.
func (p *parser) storeRisks(name string, s Store) []string {
	if !s.PostgresURL.IsSet() || os.Getenv("PGSSLMODE") != "" {
		return nil
	}
	u, err := url.Parse(s.PostgresURL.Reveal())
	if err != nil || u.Query().Has("sslmode") {
		return nil
	}
	at, err := pgx.ParseConfig(s.PostgresURL.Reveal())
	if err != nil {
		return nil
	}
	hosts := []*pgconn.FallbackConfig{{Host: at.Host, TLSConfig: at.TLSConfig}}
	for _, h := range append(hosts, at.Fallbacks...) {
		if h.TLSConfig == nil && !IsLoopback(h.Host) && !strings.HasPrefix(h.Host, "/") {
			return []string{fmt.Sprintf("%s says nothing of TLS (sslmode), so that a PostgreSQL, or whoever stands before it, may be talked to in the clear; add sslmode=verify-full to it, or sslmode=disable where the network is yours alone", p.setBy(name))}
		}
	}
	return nil
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
