package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"vpsops/internal/config"
	"vpsops/policy"
)

func policyCommand(p *program) *cobra.Command {
	c := &cobra.Command{
		Use:   "policy",
		Short: "Write, check, test and explain the policy file",
		Long: `Write, check, test and explain the policy file. FILE is VPSOPS_POLICY where it is
left out. docs/POLICY.md tells the language.`,
		Example: `  vpsops policy init --for team > policy.yaml
  vpsops policy check policy.yaml
  vpsops policy explain --as ana --do delete --server prod-db-1`,
	}
	groupOfCommands(c)
	c.AddCommand(policyInitCommand(p), policyCheckCommand(p), policyTestCommand(p), policyExplainCommand(p))
	return c
}

func policyInitCommand(p *program) *cobra.Command {
	var kind string
	c := &cobra.Command{
		Use:   "init [FILE]",
		Short: "Write a commented starter policy",
		Long: `Write a commented starter policy to FILE, which must not exist yet, or to
standard output. Without --for, you are asked what fits.`,
		Example: "  vpsops policy init --for team > policy.yaml\n  vpsops policy init policy.yaml",
		Args:    atMostOneFile,
		RunE:    func(_ *cobra.Command, args []string) error { return p.policyInit(kind, args) },
	}
	c.Flags().StringVar(&kind, "for", "", "whom it is for: "+strings.Join(policy.Starters(), ", "))
	return c
}

func atMostOneFile(c *cobra.Command, args []string) error {
	if len(args) > 1 {
		return &usageError{fmt.Errorf("%d files where one at most is wanted: %s", len(args), c.UseLine())}
	}
	return nil
}

func (p *program) policyInit(kind string, args []string) error {
	if kind == "" {
		var err error
		if kind, err = p.askStarter(); err != nil {
			return err
		}
	}
	you, err := p.environ.Value("VPSOPS_PERSON")
	if err != nil {
		return &usageError{err}
	}
	you = cmp.Or(you, config.OSUser())
	text := policy.Starter(kind, you)
	if text == "" {
		return &usageError{fmt.Errorf("there is no starter policy for %q; there are: %s", kind, strings.Join(policy.Starters(), ", "))}
	}
	if len(args) == 0 || args[0] == "-" {
		_, err := io.WriteString(p.stdout, text)
		return err
	}
	f, err := os.OpenFile(args[0], os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // G302: for the whole team to read; it holds hashes, no secrets
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Close()); err == nil {
		p.sayNext(args[0], text, you)
	}
	return err
}

// sayNext says how a starter policy is put in force by who has written it.
func (p *program) sayNext(file, text, you string) {
	starter, err := policy.Load(file, []byte(text))
	if err != nil { // each loads as it is written
		panic(err)
	}
	who, person := fmt.Sprintf(", for %q", you), ""
	if people := starter.People(); len(people) > 1 {
		who = "; put your people into it"
		if starter.PersonOf(policy.Identity{Kind: policy.LocalUser, ID: you}) == "" {
			who += fmt.Sprintf(", and %q as `local` of yourself; until then VPSOPS_PERSON says who of them you are", you)
			person = " VPSOPS_PERSON=" + people[0]
		}
	}
	fmt.Fprintf(p.stderr, "wrote %s%s. Then:\n", file, who)
	fmt.Fprintf(p.stderr, "  vpsops policy check %s\n  VPSOPS_POLICY=%s%s vpsops serve --sandbox\n", file, file, person)
}

// askStarter asks on standard error, so that the answer on standard output is
// the policy alone.
func (p *program) askStarter() (string, error) {
	fmt.Fprint(p.stderr, `Whom is the policy for?
  1  solo        you alone, with an assistant
  2  team        a small team with people on call
  3  production  production servers, two approvers for what cannot be undone
1, 2 or 3: `)
	line, err := bufio.NewReader(p.stdin).ReadString('\n')
	if err != nil && line == "" {
		return "", &usageError{errors.New("nobody answers: say --for " + strings.Join(policy.Starters(), ", --for "))}
	}
	line = strings.ToLower(strings.TrimSpace(line))
	if i := slices.Index([]string{"1", "2", "3"}, line); i >= 0 {
		return policy.Starters()[i], nil
	}
	return line, nil
}

func policyCheckCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "check [FILE]",
		Short: "Load the policy, or say everything that is wrong with it",
		Long: `Load the policy and run its tests. Exit 0 with a summary, or 2 with every fault
as FILE:LINE:COLUMN: message.`,
		Example: "  vpsops policy check policy.yaml",
		Args:    atMostOneFile,
		RunE: func(c *cobra.Command, args []string) error {
			file, err := p.policyFile(c, args)
			if err != nil {
				return err
			}
			loaded, err := loadPolicy(file)
			var faults *policy.LoadError
			if errors.As(err, &faults) {
				fmt.Fprintln(p.stdout, faults)
				return errUsageSilent
			}
			if err != nil {
				return &usageError{err}
			}
			p.policySummary(file, loaded)
			return nil
		},
	}
}

// policyFile is the file a command is about.
func (p *program) policyFile(c *cobra.Command, args []string) (string, error) {
	if len(args) == 1 {
		return args[0], nil
	}
	cfg, err := p.settings(c.Context())
	if err != nil {
		return "", err
	}
	if cfg.PolicyFile == "" {
		return "", &usageError{errors.New("which policy file? Name it, or set VPSOPS_POLICY, for example VPSOPS_POLICY=/etc/vpsops/policy.yaml")}
	}
	return cfg.PolicyFile, nil
}

func loadPolicy(file string) (*policy.Policy, error) { return policy.LoadFile(file) }

func (p *program) policySummary(file string, loaded *policy.Policy) {
	doc := loaded.Document()
	for _, w := range loaded.Warnings() {
		fmt.Fprintf(p.stdout, "warning: %s\n", w)
	}
	for _, id := range loaded.Unsafe() {
		fmt.Fprintf(p.stdout, "UNSAFE: the grant %s has unsafe_allow: it lets changes run without anybody's yes\n", id)
	}
	for _, line := range expiringWords(loaded) {
		fmt.Fprintf(p.stdout, "warning: %s\n", line)
	}
	fmt.Fprintf(p.stdout, "%s is fit to be used: %s, %s, %s, %s, %s; %s\n", file,
		counted(len(doc.People), "person", "persons"), counted(len(doc.Groups), "group", "groups"),
		counted(len(doc.Grants), "grant", "grants"), counted(len(doc.Guards), "guard", "guards"),
		counted(len(doc.Budgets), "budget", "budgets"), passedWords(len(doc.Tests)))
	fmt.Fprintf(p.stdout, "hash: %s\n", loaded.Hash()) // by which the audit trail names it
}

func passedWords(n int) string {
	if n == 0 {
		return "it has no tests of its own"
	}
	return counted(n, "test passes", "tests pass")
}

func counted(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}

func policyTestCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "test [FILE]",
		Short:   "Run the policy's own tests",
		Long:    "Run the tests that stand in the policy. Exit 1 where one fails, 2 where the policy does not load.",
		Example: "  vpsops policy test policy.yaml",
		Args:    atMostOneFile,
		RunE: func(c *cobra.Command, args []string) error {
			file, err := p.policyFile(c, args)
			if err != nil {
				return err
			}
			return p.policyTest(file)
		},
	}
}

func (p *program) policyTest(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return &usageError{err}
	}
	parsed, err := policy.Parse(file, text)
	if err != nil {
		fmt.Fprintln(p.stdout, err)
		return errUsageSilent
	}
	failed := 0
	results := parsed.RunTests()
	for _, r := range results {
		word := "ok  "
		if !r.Passed {
			failed++
			word = "FAIL"
		}
		fmt.Fprintf(p.stdout, "%s  %s:%d: %s: %s", word, file, r.Line, testWords(r.Test), r.Got)
		if r.Problem != "" {
			fmt.Fprintf(p.stdout, "; %s", r.Problem)
		}
		fmt.Fprintln(p.stdout)
	}
	fmt.Fprintf(p.stdout, "%d passed, %d failed\n", len(results)-failed, failed)
	if failed > 0 {
		return errSilent
	}
	return nil
}

func testWords(t policy.Test) string {
	words := []string{t.Who, string(t.Do)}
	if t.Server != nil && t.Server.Name != "" {
		words = append(words, t.Server.Name)
	}
	if t.Through != "" {
		words = append(words, "through "+string(t.Through))
	}
	if t.At != "" {
		words = append(words, "at "+t.At)
	}
	return strings.Join(words, " ")
}
