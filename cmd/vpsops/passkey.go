package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"vpsops/internal/web"
)

func passkeyCommand(p *program) *cobra.Command {
	c := &cobra.Command{
		Use:     "passkey",
		Short:   "Let a person register their first passkey",
		Long:    "Let a person register their first passkey. docs/AUTH.md tells what passkeys are for.",
		Example: "  vpsops passkey grant --person ana",
	}
	groupOfCommands(c)
	c.AddCommand(passkeyGrantCommand(p))
	return c
}

func passkeyGrantCommand(p *program) *cobra.Command {
	var person string
	c := &cobra.Command{
		Use:   "grant --person PERSON",
		Short: "Print a one-time link by which a person registers their first passkey",
		Long: `Print a one-time link, for each vpsops that runs here, by which a person
registers their first passkey on the page. It is good once, for an hour, for who
is signed in as that person and has no passkey yet; further keys are added on
the page, with one that is registered.

Hand the link to that person and to nobody else, and keep it from assistants:
what a passkey signs counts as that person's finger.`,
		Example: "  vpsops passkey grant --person ana",
		Args:    noArguments,
		RunE:    func(c *cobra.Command, _ []string) error { return p.passkeyGrant(c.Context(), c, person) },
	}
	c.Flags().StringVar(&person, "person", "", "whose passkey it will be: a person of the policy")
	return c
}

func (p *program) passkeyGrant(ctx context.Context, c *cobra.Command, person string) error {
	if person == "" {
		return &usageError{errors.New("whose passkey will it be? For example --person ana")}
	}
	if err := p.personListed(c, person); err != nil {
		return err
	}
	cfg, err := p.settings(ctx)
	if err != nil {
		return err
	}
	key, pages, err := pagesToSignInTo(ctx, cfg)
	if err != nil {
		return err
	}
	for _, page := range pages {
		fmt.Fprintln(p.stdout, web.GrantURL(page.Origin, key, person, time.Now()))
	}
	fmt.Fprintf(p.stderr, "for %s, once, within an hour: sign in on the page first, then open it\n", person)
	return nil
}
