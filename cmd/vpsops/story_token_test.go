package main

import (
	"os"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

var tokenOutput = regexp.MustCompile(`^(vpsops_[A-Z2-7]{26})\n(\{id: .*\})\n$`)

// cmdToken makes a token and puts its line where the policy waits for it, as
// its reader is told to.
func cmdToken(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 2, -1, "token FILE ARG…")
	ts.Check(ts.Exec("vpsops", append([]string{"token", "new"}, args[1:]...)...))
	m := tokenOutput.FindStringSubmatch(ts.ReadFile("stdout"))
	if m == nil {
		ts.Fatalf("no token and its line on stdout: %q", ts.ReadFile("stdout"))
	}
	w := worldOf(ts)
	w.secrets = append(w.secrets, m[1])
	w.heard("token new's stderr", ts.ReadFile("stderr"))
	file := ts.MkAbs(args[0])
	text := strings.Replace(ts.ReadFile(args[0]), "TOKEN-LINE", m[2], 1)
	ts.Check(os.WriteFile(file, []byte(text), 0o600))
	ts.Setenv("BEARER", m[1])
}
