package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"vpsops/internal/config"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/vpsapi"
)

const explainReadTime = 3 * time.Second

// foundServer is what the accounts tell of a server.
type foundServer struct {
	server policy.Server
	read   bool     // else it is judged by its name, and counts as the strictest in everything else
	alsoIn []string // further accounts with one that is called so
}

// findServer looks for a server in every account. Of several that are called so it
// takes the one of the account that comes first, as an ask does that names none.
func (p *program) findServer(ctx context.Context, cfg *config.Config, ref string) foundServer {
	ctx, cancel := context.WithTimeout(ctx, explainReadTime)
	defer cancel()
	servers, faults := make([]vpsapi.Server, len(cfg.Accounts)), make([]error, len(cfg.Accounts))
	var looks errgroup.Group
	for n, a := range cfg.Accounts {
		looks.Go(func() error {
			servers[n], faults[n] = readServer(ctx, cfg, a, ref)
			return nil
		})
	}
	_ = looks.Wait() // each notes its own
	var found foundServer
	for n, a := range cfg.Accounts {
		switch err := faults[n]; {
		case err == nil && found.read:
			found.alsoIn = append(found.alsoIn, a.Name)
		case err == nil:
			found.server, found.read = gate.PolicyServer(servers[n], a.Name), true
		case !errors.Is(err, vpsapi.ErrNotFound):
			fmt.Fprintf(p.stderr, "vpsops: the account %s does not tell of the server: %v\n", a.Name, err)
		}
	}
	if !found.read {
		found.server = namedServer(ref)
	}
	return found
}

func readServer(ctx context.Context, cfg *config.Config, a config.Account, ref string) (vpsapi.Server, error) {
	reader, err := vpsapi.NewReader(vpsapi.NewToken(a.Token.Reveal()), vpsapi.WithBaseURL(cfg.APIURL.String()), vpsapi.WithTokenName(a.TokenPlace()))
	if err != nil {
		return vpsapi.Server{}, err
	}
	id, err := vpsapi.NewFinder(reader).Find(ctx, ref, vpsapi.FindOptions{})
	if err != nil {
		return vpsapi.Server{}, err
	}
	return reader.GetServer(ctx, id)
}

// namedServer is all that is known of a server that wasn't read.
func namedServer(ref string) policy.Server {
	if id, err := vpsapi.ParseID(ref); err == nil && isDigits(ref) {
		return policy.Server{ID: id.String()}
	}
	return policy.Server{Name: ref}
}

func isDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }
