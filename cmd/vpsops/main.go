// Command vpsops lets people and AI assistants manage VPS.org servers by
// talking, with a human in front of everything destructive.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"vpsops/internal/config"
)

// The exit codes, as scripts rely on them.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2 // wrong flags or arguments, or a setting that cannot be right
)

func main() { os.Exit(run()) }

// run is the program with its real surroundings.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	p := &program{environ: config.OSEnviron(), stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}
	p.heedInsistence(ctx)
	defer p.heedNoMore()
	args := os.Args[1:]
	root := rootFor(p, args)
	if err := knownBeforeHelp(root, args); err != nil {
		return exitCode(err, p.stderr)
	}
	root.SetArgs(args)
	return exitCode(root.ExecuteContext(ctx), p.stderr)
}

// usageError is a fault in how the program was called.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// errUsageSilent ends with exitUsage where the command has said everything
// itself.
var errUsageSilent = &usageError{errSilent}

// errSilent ends with exitFailed where the command has said everything itself.
var errSilent = errors.New("failed")

func exitCode(err error, stderr io.Writer) int {
	var usage *usageError
	var settings *config.Error
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errUsageSilent):
		return exitUsage
	case errors.Is(err, errSilent):
		return exitFailed
	case errors.As(err, &settings):
		fmt.Fprintln(stderr, settings)
		return exitUsage
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "vpsops: %v\n", err)
		return exitUsage
	}
	fmt.Fprintf(stderr, "vpsops: %v\n", err)
	return exitFailed
}
