package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// document runs what a reader of one of our documents would type: its blocks of
// sh, in their order, in a folder of their own. vpsops is the program itself. Of what
// is no part of us only the names are known: make's targets are looked up, and the
// like of docker and kubectl say yes.
func cmdDocument(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 1, 1, "document FILE")
	root, err := filepath.Abs("../..")
	ts.Check(err)
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(args[0])))
	ts.Check(err)
	folder, err := os.MkdirTemp(ts.Getenv("WORK"), "document")
	ts.Check(err)
	ts.Check(os.Mkdir(filepath.Join(folder, "bin"), 0o700))
	path := layTools(ts, root, folder)
	if !strings.Contains(string(text), "policy init") {
		_, err := runIn(ts, folder, path, "vpsops policy init --for team policy.yaml")
		ts.Check(err)
	}
	for _, block := range blocksOf(string(text)) {
		said, err := runIn(ts, folder, path, block)
		worldOf(ts).heard(args[0], said)
		if err != nil {
			ts.Fatalf("%s: %v\n%s\n%s", args[0], err, block, said)
		}
	}
}

// blocksOf are the fenced blocks of sh.
func blocksOf(text string) (blocks []string) {
	var block strings.Builder
	within := false
	for line := range strings.Lines(text) {
		switch {
		case !within && strings.TrimSpace(line) == "```sh":
			within = true
			block.Reset()
		case within && strings.TrimSpace(line) == "```":
			within = false
			blocks = append(blocks, block.String())
		case within:
			block.WriteString(line)
		}
	}
	return blocks
}

// layTools makes the folder that comes first in PATH.
func layTools(ts *testscript.TestScript, root, folder string) string {
	tools := filepath.Join(folder, ".tools")
	ts.Check(os.Mkdir(tools, 0o700))
	script := func(path, text string) {
		ts.Check(os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o700))
	}
	vpsops, err := exec.LookPath("vpsops")
	ts.Check(err)
	// What would serve on serves until it is up, and ends.
	program := fmt.Sprintf(`case "$1" in serve|sandbox) exec vpsops-until-up "$@";; esac; exec '%s' "$@"`, vpsops)
	script(filepath.Join(tools, "vpsops"), program)
	script(filepath.Join(folder, "bin", "vpsops"), program)
	script(filepath.Join(tools, "make"), fmt.Sprintf(
		`for t; do case "$t" in *=*) ;; *) grep -q "^$t:" '%s/Makefile' || { echo "there is no target $t" >&2; exit 1; };; esac; done`, root))
	for _, name := range []string{"claude", "code", "docker", "kubectl", "systemctl", "journalctl", "install", "git", "psql", "createdb"} {
		script(filepath.Join(tools, name), "exit 0")
	}
	script(filepath.Join(tools, "openssl"), "head -c 32 /dev/urandom | base64")
	script(filepath.Join(tools, "curl"), `exec fetch "$@"`)
	return tools
}

func runIn(ts *testscript.TestScript, folder, tools, block string) (string, error) {
	ctx, cancel := patiently()
	defer cancel()
	c := exec.CommandContext(ctx, "sh", "-euc", block)
	c.Dir, c.WaitDelay = folder, time.Second
	c.Env = append(environ(ts), "PATH="+tools+string(os.PathListSeparator)+os.Getenv("PATH"))
	for _, name := range []string{"ADMIN", "REQUEST", "KEY_FILE", "NEW_STORE"} {
		c.Env = append(c.Env, name+"="+ts.Getenv(name))
	}
	said, err := c.CombinedOutput()
	return string(said), err
}

// untilUp is vpsops-until-up: it runs vpsops until its start screen stands, and
// ends as it does after a SIGTERM.
func untilUp() {
	c := exec.Command("vpsops", os.Args[1:]...)
	c.Env = withoutTools(os.Environ())
	path, err := lookIn(c.Env, "vpsops")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	c.Path, c.Err, c.Stderr = path, nil, os.Stderr
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "health:") || strings.HasPrefix(lines.Text(), "requests:") {
			_ = c.Process.Signal(syscall.SIGTERM)
		}
	}
	if err := c.Wait(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// withoutTools takes the folder of stand-ins out of PATH.
func withoutTools(env []string) []string {
	for i, entry := range env {
		if list, ok := strings.CutPrefix(entry, "PATH="); ok {
			_, rest, _ := strings.Cut(list, string(os.PathListSeparator))
			env[i] = "PATH=" + rest
		}
	}
	return env
}

func lookIn(env []string, name string) (string, error) {
	for _, entry := range env {
		if list, ok := strings.CutPrefix(entry, "PATH="); ok {
			if err := os.Setenv("PATH", list); err != nil {
				return "", err
			}
		}
	}
	return exec.LookPath(name)
}

// fetch stands for curl: it gets its last argument.
func fetch() {
	resp, err := http.Get(os.Args[len(os.Args)-1])
	if err == nil {
		_, err = io.Copy(os.Stdout, resp.Body)
		_ = resp.Body.Close()
	}
	if err != nil || resp.StatusCode >= 400 {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(22)
	}
}
