// Command mutants finishes what gremlins leaves out: Go's coverage has no
// counter for the conditions of a switch without a tag, so gremlins takes them
// for not covered and doesn't try them. It reads gremlins' report, makes each
// of those changes in turn, and says which of them the tests let pass.
//
//	mutants REPORT PACKAGE
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

type report struct {
	Files []struct {
		Name    string   `json:"file_name"`
		Mutants []mutant `json:"mutations"`
	} `json:"files"`
}

type mutant struct {
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Kind   string `json:"type"`
	Status string `json:"status"`
}

// changes are gremlins' own, longer operators first.
var changes = map[string][][2]string{
	"CONDITIONALS_BOUNDARY": {{"<=", "<"}, {">=", ">"}, {"<", "<="}, {">", ">="}},
	"CONDITIONALS_NEGATION": {{"==", "!="}, {"!=", "=="}, {"<=", ">"}, {">=", "<"}, {"<", ">="}, {">", "<="}},
	"INVERT_LOGICAL":        {{"&&", "||"}, {"||", "&&"}},
	"ARITHMETIC_BASE":       {{"+", "-"}, {"-", "+"}, {"*", "/"}, {"/", "*"}, {"%", "*"}},
	"INVERT_BITWISE":        {{"&", "|"}, {"|", "&"}, {"<<", ">>"}, {">>", "<<"}},
	"INVERT_NEGATIVES":      {{"-", "+"}},
	"INVERT_LOOPCTRL":       {{"break", "continue"}, {"continue", "break"}},
	"INCREMENT_DECREMENT":   {{"++", "--"}, {"--", "++"}},

	"INVERT_ASSIGNMENTS":      {{"+=", "-="}, {"-=", "+="}, {"*=", "/="}, {"/=", "*="}},
	"REMOVE_SELF_ASSIGNMENTS": {{"+=", "="}, {"-=", "="}, {"*=", "="}, {"/=", "="}},
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: mutants REPORT PACKAGE")
		os.Exit(2)
	}
	if err := run(os.Stdout, os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, path, dir string) error {
	text, err := os.ReadFile(path) //nolint:gosec // whoever runs it names the report
	if err != nil {
		return err
	}
	var r report
	if err := json.Unmarshal(text, &r); err != nil {
		return fmt.Errorf("read the report %s: %w", path, err)
	}
	counts := make(map[string]int)
	for _, f := range r.Files {
		for _, m := range f.Mutants {
			if m.Status != "NOT COVERED" {
				continue
			}
			outcome, err := try(dir, filepath.Join(dir, f.Name), m)
			if err != nil {
				return fmt.Errorf("%s:%d:%d: %w", f.Name, m.Line, m.Column, err)
			}
			counts[outcome]++
			fmt.Fprintf(out, "%12s %s at %s:%d:%d\n", outcome, m.Kind, f.Name, m.Line, m.Column)
		}
	}
	fmt.Fprintf(out, "killed %d, lived %d, do not build %d\n", counts["KILLED"], counts["LIVED"], counts["NOT VIABLE"])
	return nil
}

// try runs a package's tests with one change, in an overlay: the files stay as
// they are.
func try(dir, file string, m mutant) (outcome string, err error) {
	text, err := os.ReadFile(file) //nolint:gosec // and the package
	if err != nil {
		return "", err
	}
	changed, err := m.apply(text)
	if err != nil {
		return "", err
	}
	work, err := os.MkdirTemp("", "mutant")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	whole, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	mutated, overlay := filepath.Join(work, "mutant.go"), filepath.Join(work, "overlay.json")
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{whole: mutated}})
	if err != nil {
		return "", err
	}
	if err := errors.Join(os.WriteFile(mutated, changed, 0o600), os.WriteFile(overlay, replace, 0o600)); err != nil { //nolint:gosec // in a folder of its own
		return "", err
	}
	tests := exec.CommandContext(context.Background(), "go", "test", "-overlay", overlay, "-failfast", "-timeout", "2m", dir) //nolint:gosec // the package named
	out, err := tests.CombinedOutput()
	switch {
	case err == nil:
		return "LIVED", nil
	case bytes.Contains(out, []byte("[build failed]")):
		return "NOT VIABLE", nil
	}
	return "KILLED", nil
}

// apply changes the operator that stands at the mutant's place.
func (m mutant) apply(text []byte) ([]byte, error) {
	lines := strings.SplitAfter(string(text), "\n")
	if m.Line > len(lines) || m.Column > len(lines[m.Line-1]) {
		return nil, errors.New("the report is of another version of the file")
	}
	line := lines[m.Line-1]
	before, rest := line[:m.Column-1], line[m.Column-1:]
	for _, c := range changes[m.Kind] {
		if after, found := strings.CutPrefix(rest, c[0]); found {
			lines[m.Line-1] = before + c[1] + after
			return []byte(strings.Join(lines, "")), nil
		}
	}
	return nil, fmt.Errorf("no %s can be made of %q", m.Kind, rest)
}
