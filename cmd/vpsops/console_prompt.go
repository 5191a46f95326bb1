package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"

	"github.com/reeflective/readline"
	"github.com/reeflective/readline/inputrc"

	"vpsops/slackbot/command"
)

// converse reads commands at a prompt until the person leaves or the program is
// told to end. Ctrl-C ends the command that runs, and a request is not taken back
// by it.
func (t *console) converse(program context.Context) error {
	// The program's own context ends at the first Ctrl-C, too.
	ctx, stop := signal.NotifyContext(context.WithoutCancel(program), endSignals(t.core.cfg.PolicyFile)...)
	defer stop()
	ending, left := context.WithCancel(ctx)
	defer left()
	t.program.heedInsistence(ending)
	fmt.Fprintf(t.out, "vpsops %s as %s. help lists the commands, Ctrl-D leaves.\n", version, t.actor.Identity.ID)
	prompt, err := t.newPrompt(ctx)
	if err != nil || program.Err() != nil { // it may have ended before anybody listened here
		return err
	}
	t.stays = true
	t.answer = func(_ context.Context, question string) (string, error) { return prompt.read(ctx, question, false) }
	for ctx.Err() == nil {
		line, err := prompt.read(ctx, "vps> ", true)
		switch {
		case errors.Is(err, context.Canceled), errors.Is(err, readline.ErrInterrupt):
			continue
		case errors.Is(err, io.EOF):
			fmt.Fprintln(t.out)
			return nil
		case err != nil:
			return err
		case isBlank(line):
			continue
		case isLeave(line):
			return nil
		}
		t.interruptible(ctx, line)
	}
	return nil
}

func isLeave(line string) bool {
	line = strings.ToLower(strings.TrimSpace(line))
	return line == "exit" || line == "quit"
}

// interruptible runs a line until it is done or Ctrl-C is pressed.
func (t *console) interruptible(ctx context.Context, line string) {
	c, err := command.Parse(line)
	if err != nil {
		fmt.Fprintln(t.err, err)
		return
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	t.perform(ctx, c)
}

// prompt edits lines.
type prompt struct {
	shell    *readline.Shell
	terminal *terminal
	question string
	command  bool   // and not an answer
	begins   func() // called with each drawing of the line
	history  *history
}

func (t *console) newPrompt(ctx context.Context) (*prompt, error) {
	terminal, err := ownTerminal()
	if err != nil {
		return nil, err
	}
	p := &prompt{shell: readline.NewShell(inputrc.WithApp("vpsops")), terminal: terminal, history: t.newHistory()}
	p.shell.Prompt.Primary(func() string {
		p.begins()
		p.findCursor()
		return p.question
	})
	p.shell.SyntaxHighlighter = func(line []rune) string { return string(line) + roomBelow }
	p.shell.History.Delete()
	p.shell.History.Add("console", p.history)
	source := t.completionSource(ctx)
	p.shell.Completer = func(line []rune, cursor int) readline.Completions {
		if !p.command {
			return readline.Completions{}
		}
		return completions(command.Complete(string(line[:cursor]), source))
	}
	return p, nil
}

// findCursor has the line editor ask where the cursor is only while it shows a
// list, which would else be as long as the screen: it waits for the answer for
// ever, and drops what is typed along with it. At the last line, where it would
// have to know, there is always room below.
func (p *prompt) findCursor() {
	ask := false
	if p.shell.Keymap.Local() != "" { // it searches, or completes
		var typed string
		ask, typed = p.terminal.tellsCursor()
		p.shell.Keys.Feed(false, []rune(typed)...)
	}
	_ = p.shell.Config.Set("cursor-position-probe", ask) // it has this setting
}

// completions lists words. NoSpace is not for them: a space typed behind one would
// take its last letter away.
func completions(words []string) readline.Completions {
	return readline.CompleteValues(words...).NoSort()
}

// read edits a line. Where ctx ends first, the terminal is given back, and the
// edit ends with the program.
func (p *prompt) read(ctx context.Context, question string, isCommand bool) (string, error) {
	p.question, p.command, p.history.paused = question, isCommand, !isCommand
	begun := make(chan struct{})
	p.begins = sync.OnceFunc(func() { close(begun) })
	type edited struct {
		line string
		err  error
	}
	accepted := make(chan edited, 1)
	go func() {
		line, err := p.shell.Readline()
		accepted <- edited{line, err}
	}()
	select {
	case e := <-accepted:
		return e.line, e.err
	case <-ctx.Done():
	}
	select {
	case e := <-accepted:
		return e.line, e.err
	case <-begun: // so it has taken the terminal
		p.terminal.giveBack()
		return "", ctx.Err()
	}
}

// history keeps the commands, and not the answers, in a file that only its owner
// reads.
type history struct {
	readline.History
	paused bool
}

// Write implements readline.History.
func (h *history) Write(line string) (int, error) {
	if h.paused || isBlank(line) {
		return h.Len(), nil
	}
	return h.History.Write(line)
}

// newHistory is in memory where nothing is to be left behind, or can be.
func (t *console) newHistory() *history {
	inMemory := &history{History: readline.NewInMemoryHistory()}
	folder, err := t.core.cfg.StateFolder()
	if err != nil || t.core.sandbox {
		return inMemory
	}
	path := filepath.Join(folder, "console_history")
	if err := makePrivate(path); err != nil {
		t.core.logger.Warn("the console's history is not kept", "error", err)
		return inMemory
	}
	kept, err := readline.NewHistoryFromFile(path)
	if err != nil {
		t.core.logger.Warn("the console's history is not kept", "error", err)
		return inMemory
	}
	return &history{History: kept}
}

// makePrivate sees to it that a file is there and its owner's alone.
func makePrivate(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDONLY, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(f.Chmod(0o600), f.Close())
}
