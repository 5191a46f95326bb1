package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/slackbot/command"
)

func consoleCommand(p *program) *cobra.Command {
	var simulated bool
	var line string
	c := &cobra.Command{
		Use:   "console",
		Short: "Speak the chat's commands in a terminal",
		Long: `Speak the chat's commands in a terminal: at a prompt with history and completion,
one command with -c, or a line each from standard input where that is no
terminal. "help" lists them.

A confirmation is asked for at the terminal. Where a person must confirm on the
page, it opens in this desktop's browser, or its one-time sign-in link is written
to standard error (VPSOPS_OPEN_BROWSER). Without a terminal such a request stays
pending.

Exit 0 if it was done, 1 if it was denied, failed or is still pending, 2 if the
command can't be understood.`,
		Example: `  vpsops console --sandbox
  vpsops console -c 'list status=active'
  vpsops console -c 'reboot web-01 because it does not answer'`,
		RunE: func(c *cobra.Command, _ []string) error {
			return runConsole(c.Context(), p, simulated, line, c.Flags().Changed("command"))
		},
	}
	sandboxFlag(c, &simulated)
	c.Flags().StringVarP(&line, "command", "c", "", "one command to run")
	return c
}

func runConsole(ctx context.Context, p *program, simulated bool, line string, one bool) error {
	var only command.Command
	if one {
		if strings.TrimSpace(line) == "" {
			return &usageError{errors.New("-c wants a command, such as -c help, which lists them")}
		}
		var err error
		if only, err = command.Parse(line); err != nil {
			return &usageError{err}
		}
	}
	cfg, logger, err := p.load(ctx, simulated)
	if err != nil {
		return err
	}
	ctx, heard := signal.NotifyContext(ctx, endSignals(cfg.PolicyFile)...)
	defer heard()
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	api, err := apiFor(background, cfg, simulated)
	if err != nil {
		return err
	}
	p.sayAPI(api, simulated)
	core, err := newCore(cfg, logger, api, simulated, policy.Local)
	if err != nil {
		return err
	}
	if err := core.knownPerson(); err != nil {
		return err
	}
	if err := core.checkKey(ctx); err != nil {
		return err
	}
	core.takeUp()
	if err := core.trace(ctx, p.environ); err != nil {
		return err
	}
	core.policy.follow(background)
	page := &lazyPage{core: core, program: p, ctx: background}
	defer page.close()
	t := newConsole(p, core, page)
	switch {
	case one:
		err = t.once(ctx, only)
	case t.mayPrompt(p):
		err = t.converse(ctx)
	default:
		err = t.script(ctx)
	}
	return errors.Join(err, core.drain())
}

// console speaks the chat's commands for the person at this machine.
type console struct {
	program *program
	core    *core
	desk    *gate.Desk
	actor   policy.Actor
	lines   *lines // standard input
	out     *painter
	err     *painter
	stays   bool // when a command is done, at the prompt

	// Somebody sits at a terminal and can be asked.
	answer func(ctx context.Context, question string) (string, error) // nil where nobody does
	reach  func(context.Context, gate.View)                           // shows the page to them
}

func newConsole(p *program, c *core, page *lazyPage) *console {
	t := &console{
		program: p, core: c, desk: c.gate.Desk(), actor: policy.Actor{Identity: c.identity, Front: policy.Console},
		lines: newLines(p.stdin), out: newPainter(p.stdout, p.environ), err: newPainter(p.stderr, p.environ),
	}
	if isKeyboard(p.stdin) {
		keyboard := &keyboard{lines: t.lines, out: p.stderr}
		t.answer, t.reach = keyboard.ask, func(ctx context.Context, v gate.View) { page.announce(ctx, v) }
	}
	return t
}

// mayPrompt tells whether a line can be edited: on a terminal that shows what is
// typed where it stands.
func (t *console) mayPrompt(p *program) bool {
	return t.answer != nil && isKeyboard(p.stdout) && p.environ["TERM"] != "dumb"
}

// isKeyboard tells a terminal from files, pipes and /dev/null.
func isKeyboard(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// once runs the command of -c.
func (t *console) once(ctx context.Context, c command.Command) error {
	if !t.perform(ctx, c) {
		return errSilent
	}
	return nil
}

// script runs commands from a file or another program, and stops at the first
// that isn't done: what follows may count on it.
func (t *console) script(ctx context.Context) error {
	for {
		line, err := t.lines.next(ctx)
		switch {
		case ctx.Err() != nil:
			fmt.Fprintln(t.err, "vpsops: told to end, and what follows is left out")
			return errSilent
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, bufio.ErrTooLong):
			return &usageError{fmt.Errorf("line %d is longer than %d KiB, which no command is", t.lines.number+1, bufio.MaxScanTokenSize>>10)}
		case err != nil:
			return err
		}
		if isBlank(line) {
			continue
		}
		c, err := command.Parse(line)
		if err != nil {
			return &usageError{fmt.Errorf("line %d: %w", t.lines.number, err)}
		}
		if !t.perform(ctx, c) {
			fmt.Fprintf(t.err, "vpsops: line %d was not done, and what follows is left out\n", t.lines.number)
			return errSilent
		}
	}
}

// done tells whether a request came to what its asker wanted.
func done(v gate.View) bool {
	return v.Outcome == gate.OutcomeSucceeded
}
