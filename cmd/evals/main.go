// Command evals gives the tasks of evals/tasks to an assistant, and judges what
// became of the simulated servers. See evals/README.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"
)

func main() {
	folder := flag.String("tasks", "evals/tasks", "the folder of the tasks")
	only := flag.String("only", "", "take the tasks whose name holds this")
	limit := flag.Duration("limit", 5*time.Minute, "for one task")
	flag.Usage = func() {
		fmt.Fprint(os.Stderr, "usage: evals [flags] [COMMAND ARG…]\n\nCOMMAND is an assistant's, with {prompt} and {config} or {url} in its arguments.\nWithout one, the reference player takes the tasks.\n\n")
		flag.PrintDefaults()
	}
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	failed, err := run(ctx, *folder, *only, *limit, agent(flag.Args()), os.Stdout)
	stop()
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "evals:", err)
		os.Exit(2)
	case failed > 0:
		os.Exit(1)
	}
}

func run(ctx context.Context, folder, only string, limit time.Duration, a agent, out io.Writer) (failed int, err error) {
	all, err := tasks(folder)
	if err != nil {
		return 0, err
	}
	taken := 0
	for _, t := range all {
		if ctx.Err() != nil || !strings.Contains(t.name, only) {
			continue
		}
		taken++
		began := time.Now()
		faults, calls := attempt(ctx, t, limit, a)
		verdict := "ok  "
		if len(faults) > 0 {
			failed++
			verdict = "FAIL"
		}
		fmt.Fprintf(out, "%s %-36s %d of %d calls, %s\n", verdict, t.name, calls, t.Calls, time.Since(began).Round(10*time.Millisecond))
		for _, f := range faults {
			fmt.Fprintln(out, "     "+f)
		}
	}
	fmt.Fprintf(out, "%d of %d tasks done\n", taken-failed, taken)
	return failed, ctx.Err()
}

// attempt gives one task to an agent or, where that is empty, to the reference
// player.
func attempt(ctx context.Context, t task, limit time.Duration, a agent) (faults []string, calls int) {
	w, err := newWorld(t, len(a) == 0)
	if err != nil {
		return []string{err.Error()}, 0
	}
	var answer string
	if len(a) > 0 {
		answer, err = a.run(ctx, w, limit)
	} else {
		answer, err = w.play(ctx)
	}
	faults = w.judge(answer)
	calls = len(w.calls.called())
	for _, err := range []error{err, w.end()} {
		if err != nil {
			faults = append(faults, err.Error())
		}
	}
	return faults, calls
}
