package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"vpsops/internal/config"
	"vpsops/internal/seal"
	"vpsops/internal/web"
	"vpsops/policy"
)

func loginCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "login",
		Short: "Print a fresh one-time sign-in link to the page",
		Long: `Print a one-time link that signs VPSOPS_PERSON in on the page of each vpsops
that runs here or, where it isn't set, whom that vpsops runs for. A link works
once, for ten minutes. Who signs in by it confirms their own requests and decides
nobody else's.

Keep the link from assistants: whoever opens it is you.`,
		Example: "  vpsops login",
		RunE:    func(c *cobra.Command, _ []string) error { return runLogin(c.Context(), p) },
	}
}

func runLogin(ctx context.Context, p *program) error {
	cfg, _, err := p.load(ctx, false)
	if err != nil {
		return err
	}
	key, pages, err := pagesToSignInTo(ctx, cfg)
	if err != nil {
		return err
	}
	for _, page := range pages {
		person := policy.Identity{Kind: policy.LocalUser, ID: personAt(page, p.environ, cfg)}
		if err := mayComeIn(cfg, page, person); err != nil {
			return err
		}
		fmt.Fprintln(p.stdout, web.LoginURL(page.Origin, key, person, time.Now(), "/requests"))
	}
	return nil
}

// pagesToSignInTo are those of this installation that run here or, where none does,
// the configured one; and the key that links to them are made with. It makes none:
// a page that takes links has one.
func pagesToSignInTo(ctx context.Context, cfg *config.Config) (seal.Key, []runningPage, error) {
	key, err := oldKey(cfg)
	noKey := errors.Is(err, fs.ErrNotExist)
	if err != nil && !noKey {
		return key, nil, err
	}
	all := runningPages(ctx, cfg)
	pages := slices.DeleteFunc(slices.Clone(all), func(p runningPage) bool { return noKey || p.Installation != web.LocalHost(key) })
	switch {
	case len(pages) > 0:
		return key, pages, nil
	case cfg.PublicURL != nil && !noKey:
		return key, []runningPage{{Origin: publicPage(cfg.PublicURL, key), Person: cfg.Person}}, nil
	case len(all) > 0:
		return key, nil, fmt.Errorf("what serves a page here (%s) has another ledger or key: set VPSOPS_STORE and VPSOPS_KEY as it has them", all[0].Listen)
	}
	return key, nil, errors.New("no vpsops serves a page here: start one with \"vpsops serve\", or set VPSOPS_PUBLIC_URL to where it runs")
}

// mayComeIn refuses a link that the page would refuse: for somebody whom the
// configured policy does not list.
func mayComeIn(cfg *config.Config, page runningPage, person policy.Identity) error {
	if cfg.PolicyFile == "" || page.Simulated {
		return nil
	}
	pol, err := loadPolicy(cfg.PolicyFile)
	if err != nil {
		return &usageError{err}
	}
	return listedHere(pol, person)
}

// personAt is who the link is for: VPSOPS_PERSON where it is set, else whom
// the page takes to sit here. A simulated page knows nobody else.
func personAt(page runningPage, environ config.Environ, cfg *config.Config) string {
	given := environ["VPSOPS_PERSON"] != "" || environ["VPSOPS_PERSON_FILE"] != ""
	if page.Person == "" || given && !page.Simulated {
		return cfg.Person
	}
	return page.Person
}
