package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"vpsops/internal/config"
	"vpsops/internal/remedy"
	"vpsops/internal/web/provider"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/tools/mcphttp"
	"vpsops/vpsapi"
)

func doctorCommand(p *program) *cobra.Command {
	var simulated bool
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Check the settings and say what to do about what is wrong",
		Long: `Check the configuration, the key, the policy, the ledger, the API token, Slack's
tokens, scopes, workspaces, people, channels and user groups, the clock, the settings of
traces, the addresses to listen on, and whether serve would let its callers in. Exit 0
only if vpsops is fit to run.`,
		Example: "  vpsops doctor",
		RunE:    func(c *cobra.Command, _ []string) error { return runDoctor(c.Context(), p, simulated) },
	}
	sandboxFlag(c, &simulated)
	return c
}

// check is one line of the doctor's report.
type check struct {
	name string
	err  error
	good string // what is said where nothing is wrong
	cure string // what to do where something is
}

func runDoctor(ctx context.Context, p *program, simulated bool) error {
	cfg, logger, err := p.load(ctx, simulated)
	if err != nil {
		return err
	}
	checks := []check{doctorSettings(cfg)}
	api, err := apiFor(ctx, cfg, simulated)
	if err != nil {
		return err
	}
	unmade := !simulated && ledgerUnmade(cfg)
	keyWords := "the key is there"
	if (unmade || simulated) && keyUnmade(cfg) {
		cfg, keyWords = cfg.WithNewKey(), "there is no key yet, which serve makes"
	}
	core, err := newCore(cfg, logger, api, simulated, policy.Local)
	checks = append(checks, check{"key and policy", err, keyWords + ", and the policy is fit to be used", "mend what it says"})
	if err == nil {
		core.unmade = unmade
		defer core.ledger.Close()
		token := core.doctorAPI(ctx)
		if core.policy.file != "" {
			checks = append(checks, core.doctorPolicyFile())
		}
		if core.policy.file != "" && !core.sandbox {
			checks = append(checks, check{
				name: "approvals", err: core.unapproved(), good: "who must approve can be reached, as far as this vpsops can tell",
				cure: "set SLACK_BOT_TOKEN or VPSOPS_OIDC_ISSUER, and list the approvers' `slack` or `oidc` in the policy",
			})
		}
		if core.policy.current.Load().HasTokens() {
			checks = append(checks, core.doctorTokens())
		}
		checks = append(checks, core.doctorCallers(), core.doctorLedger(ctx), core.doctorHolds(ctx), token, core.doctorClock(ctx, answered(token.err)))
		if core.policy.file != "" {
			checks = append(checks, core.doctorSets(ctx))
		}
		if oauth := core.oauth(); oauth != nil {
			checks = append(checks, doctorIssuer(ctx, oauth))
		}
		if provider := core.provider(); provider != nil {
			checks = append(checks, core.doctorProvider(ctx, provider))
		}
		if cfg.Slack.On() {
			checks = append(checks, core.doctorSlack(ctx)...)
		}
		checks = append(checks, core.doctorTraces(ctx, p.environ))
	}
	running := runningPages(ctx, cfg)
	checks = append(checks,
		doctorListen("VPSOPS_LISTEN", cfg.Listen, slices.ContainsFunc(running, func(r runningPage) bool { return sameAddress(r.Listen, cfg.Listen) })),
		doctorAdminListen(cfg.AdminListen, slices.ContainsFunc(running, func(r runningPage) bool {
			return sameAddress(r.Admin, cfg.AdminListen) && alive(ctx, r.Admin) == nil
		})))
	return report(p, checks)
}

// doctorSettings tells of what is set.
func doctorSettings(cfg *config.Config) check {
	c := check{name: "configuration", good: strings.Join(slices.Concat([]string{"every setting can be right"}, cfg.Warnings, cfg.Notes), "; "), cure: "do what it says"}
	if len(cfg.Risks) > 0 {
		c.err = errors.New(strings.Join(cfg.Risks, "; "))
	}
	return c
}

// doctorPolicyFile finds a policy that others can put theirs in the place of.
func (c *core) doctorPolicyFile() check {
	return check{
		name: "policy file", err: c.policy.openToOthers(), good: c.policy.file + ": no other user may write it",
		cure: "whoever can write it decides in everybody's place: take that away from all but its owner",
	}
}

// doctorTokens tells of the policy's tokens that have ended or soon do.
func (c *core) doctorTokens() check {
	words := expiringWords(c.policy.current.Load())
	good := "all are good for more than " + soonWords
	if len(words) > 0 {
		good = strings.Join(words, "; ")
	}
	made := check{name: "bearer tokens", good: good, cure: "make new ones (vpsops token new), and put their lines in the place of the old"}
	if _, all := c.policy.current.Load().Expiring(clock(), 0); all && c.cfg.OAuth == nil {
		made.err = errors.New("every token has ended, and nobody is let in: " + good)
	}
	return made
}

// doctorCallers says what serve would of whom it lets in, by the rules that it
// starts by itself.
func (c *core) doctorCallers() check {
	good := "serve takes callers on this machine for " + c.identity.ID
	switch {
	case c.knowsCallers():
		good = "serve lets in who brings a token"
		if c.knownPerson() != nil {
			good += "; mcp and console start for nobody, as the policy does not list " + c.identity.ID + ": set VPSOPS_PERSON"
		}
	case c.policy.file == "" && !c.sandbox:
		good += " and, without VPSOPS_POLICY, lets nothing be changed"
	}
	err := c.mayServe()
	if err != nil {
		// The doctor itself was called as it should be, whatever serve's exit code.
		err = errors.New("serve would not start: " + err.Error())
	}
	return check{name: "callers", err: err, good: good, cure: "mend what it says"}
}

// doctorHolds tells of locks and freezes that name what isn't here: after a renaming
// they may hold more than is meant, or nothing here. That is no fault: what is named
// may be another vpsops's, which shares the ledger.
func (c *core) doctorHolds(ctx context.Context) check {
	amiss, err := c.holdsAmiss(ctx)
	good := "all in force name what is here"
	switch {
	case err != nil:
		good = "they can't be read, as the ledger can't"
	case len(amiss) > 0:
		good = strings.Join(amiss, "; ") + ": where that isn't meant, lift it under Locks on the page, and put it up anew"
	}
	return check{name: "locks and freezes", good: good}
}

// doctorClock holds this machine's clock against what the ledger knows and,
// once it has answered, the API.
func (c *core) doctorClock(ctx context.Context, apiAnswered bool) check {
	good := "it agrees with what the ledger and the API know"
	switch {
	case c.unmade && apiAnswered:
		good = "it agrees with what the API knows"
	case c.unmade:
		good = "nothing is known against it; the API has not answered"
	case !apiAnswered:
		good = "it agrees with what the ledger knows; the API has not answered"
	}
	return check{
		name: "clock", err: c.wrongClock(ctx), good: good,
		cure: "keep the time by NTP, on this machine and on the database's",
	}
}

// answered tells an API that refuses from one that is out of reach.
func answered(err error) bool {
	_, refused := errors.AsType[*vpsapi.APIError](err)
	return err == nil || refused
}

func (c *core) doctorAPI(ctx context.Context) check {
	faults := c.apiFaults(ctx)
	return check{name: "API token", err: errors.Join(faults...), good: "accepted by " + c.api, cure: apiCure(faults)}
}

// doctorIssuer asks the authorization server for its keys.
func doctorIssuer(ctx context.Context, oauth *mcphttp.OAuth) check {
	return check{
		name: "access tokens", err: oauth.Verifier.Check(ctx), good: "the keys of " + oauth.Issuer + " are there",
		cure: "see that VPSOPS_OAUTH_ISSUER is the issuer as its own metadata writes it, and that this machine reaches it",
	}
}

// doctorProvider asks the provider that people sign in by what it publishes. It knows who
// somebody is, and the policy alone whom that lets in.
func (c *core) doctorProvider(ctx context.Context, p *provider.Provider) check {
	made := check{
		name: "sign-in", err: p.Check(ctx), good: "people can sign in by " + p.Issuer(),
		cure: "see that VPSOPS_OIDC_ISSUER is the issuer as its own metadata writes it, and that this machine reaches it",
	}
	pol := c.policy.current.Load()
	if made.err == nil && !slices.ContainsFunc(pol.People(), func(person string) bool { return c.signsInByProvider(pol, person) }) {
		made.err = errors.New("nobody can sign in by " + p.Issuer() + ": no person of the policy has an account there")
		made.cure = "list a person's account, the issuer and their `sub` there, in the policy: oidc: [\"" + p.Issuer() + "|…\"]; whoever signs in unlisted is turned away, and vpsops audit tail shows the account"
	}
	return made
}

// apiCure tells a fault of the token from one on the way to the API, where a
// new token would help nothing.
func apiCure(faults []error) string {
	var places []string
	for _, err := range faults {
		var none *gate.NoAccountError
		switch {
		case errors.As(err, &none):
			return "make a token at admin.vps.org and set VPS_API_TOKEN or VPS_API_TOKEN_FILE"
		case errors.Is(err, vpsapi.ErrUnauthorized), errors.Is(err, vpsapi.ErrForbidden):
			places = append(places, remedy.Token(err))
		}
	}
	if len(places) > 0 {
		return "make a token at admin.vps.org and set " + strings.Join(places, " to it; make another and set ") + " to it"
	}
	return "see that VPS_API_URL is right and that this machine reaches it, then run this again"
}

// doctorTraces reads OpenTelemetry's variables: one that can't be right keeps
// serve from starting. No collector is asked.
func (c *core) doctorTraces(ctx context.Context, environ config.Environ) check {
	err := c.trace(ctx, environ)
	defer c.endTraces()
	good := "off"
	if c.traces != nil {
		good = "on"
	}
	return check{name: "traces", err: err, good: good, cure: "mend what it says"}
}

// doctorListen takes the address for a moment. One that a running vpsops has
// is no fault.
func doctorListen(name, address string, ours bool) check {
	c := check{name: name, good: address + " is free", cure: "set " + name + " to another address, or stop what has this one"}
	if ours {
		c.good = address + " is served by a vpsops that runs"
		return c
	}
	l, err := net.Listen("tcp", address)
	if err == nil {
		err = l.Close()
	}
	c.err = err
	return c
}

// doctorAdminListen also tells of an address that lets others read what asks no token. That
// is no fault: probes and whoever collects metrics may come from elsewhere.
func doctorAdminListen(address string, ours bool) check {
	c := doctorListen("VPSOPS_ADMIN_LISTEN", address, ours)
	if a, err := net.ResolveTCPAddr("tcp", address); err == nil && everyIP(a.IP) {
		c.good += fmt.Sprintf("; it is on every interface, and whoever reaches this machine there reads health and metrics, for which no token is asked:"+
			" set VPSOPS_ADMIN_LISTEN=127.0.0.1:%d, or the address of the interface by which they are asked for, or have a firewall keep all others from it", a.Port)
	}
	return c
}

// sameAddress tells whether a process that listens at bound has the address of
// a setting, which may be a name, such as localhost, or no host at all.
func sameAddress(bound, setting string) bool {
	a, err := net.ResolveTCPAddr("tcp", bound)
	if err != nil || bound == "" {
		return false
	}
	b, err := net.ResolveTCPAddr("tcp", setting)
	return err == nil && a.Port == b.Port && (a.IP.Equal(b.IP) || everyIP(a.IP) && everyIP(b.IP))
}

func everyIP(ip net.IP) bool { return ip == nil || ip.IsUnspecified() }

func report(p *program, checks []check) error {
	var faults []error
	for _, c := range checks {
		if c.err == nil {
			fmt.Fprintf(p.stdout, "ok    %s: %s\n", c.name, c.good)
			continue
		}
		faults = append(faults, c.err)
		fmt.Fprintf(p.stdout, "FAIL  %s: %s\n      %s\n", c.name, oneLine(c.err.Error()), c.cure)
	}
	if len(faults) > 0 {
		return errors.Join(errSilent, errors.Join(faults...))
	}
	return nil
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
