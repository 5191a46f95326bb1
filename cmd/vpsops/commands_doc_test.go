package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What documents say in passing, or takes too long to be run with them: make with its
// targets and variables, and go test with packages, tests, benchmarks and flags.

var (
	code         = regexp.MustCompile("(?s)```\\w*\n.*?```|`[^`]+`")
	continued    = regexp.MustCompile(`\\\n *`)
	words        = regexp.MustCompile(`'[^']*'|[^ ']+`)
	flagNames    = regexp.MustCompile(`flag\.\w+\("([\w-]+)"`)
	theGoFlags   = []string{"-count", "-benchtime", "-timeout", "-tags", "-v", "-args", "-race", "-benchmem"}
	notATestName = regexp.MustCompile(`[$^()]`)
)

// commandsOf are the lines of code in a document that begin with make or go test; one
// that begins with -bench goes on with the package of the last go test.
func commandsOf(text string) (commands []string) {
	pkg := ""
	for _, piece := range code.FindAllString(text, -1) {
		if strings.HasPrefix(piece, "```") {
			_, piece, _ = strings.Cut(strings.TrimSuffix(piece, "```"), "\n")
			piece = continued.ReplaceAllString(piece, " ")
		} else {
			piece = strings.ReplaceAll(strings.Trim(piece, "`"), "\n", " ")
		}
		for line := range strings.SplitSeq(piece, "\n") {
			line, _, _ = strings.Cut(line, " #")
			switch {
			case strings.HasPrefix(line, "go test "):
				commands = append(commands, line)
				pkg = line[:strings.Index(line+" -", " -")]
			case strings.HasPrefix(line, "-bench "):
				commands = append(commands, pkg+" "+line)
			case strings.HasPrefix(line, "make "):
				commands = append(commands, line)
			}
		}
	}
	return commands
}

func checkMake(makefile string, args []string) (faults []string) {
	for _, word := range args {
		name, _, isVariable := strings.Cut(word, "=")
		is := `(?m)^` + regexp.QuoteMeta(name) + `:`
		if isVariable {
			is = `(?m)^` + regexp.QuoteMeta(name) + ` *[?:]?=|\$\(` + regexp.QuoteMeta(name) + `\)`
		}
		if strings.HasPrefix(word, "'") {
			continue // the rest of a variable's value
		}
		if !regexp.MustCompile(is).MatchString(makefile) {
			faults = append(faults, fmt.Sprintf("the Makefile has no %q", name))
		}
	}
	return faults
}

// checkGoTest looks the names up in the source of the test files.
func checkGoTest(root string, args []string) (faults []string) {
	var tests string
	for i, arg := range args {
		value := ""
		if i+1 < len(args) {
			value = strings.Trim(args[i+1], "'")
		}
		switch {
		case strings.HasPrefix(arg, "./"):
			files, _ := filepath.Glob(filepath.Join(root, filepath.FromSlash(strings.TrimSuffix(arg, "/...")), "*_test.go"))
			for _, file := range files {
				text, err := os.ReadFile(file)
				if err != nil {
					return []string{err.Error()}
				}
				tests += string(text)
			}
			if tests == "" {
				faults = append(faults, arg+" has no tests")
			}
		case arg == "-bench" || arg == "-run":
			kind := map[string]string{"-bench": "Benchmark", "-run": ""}[arg]
			for pattern := range strings.SplitSeq(value, "|") {
				pattern, _, _ = strings.Cut(pattern, "/")
				pattern = strings.TrimPrefix(pattern, kind)
				if pattern = notATestName.ReplaceAllString(pattern, ""); pattern == "" || pattern == "." {
					continue
				}
				if !regexp.MustCompile(`func \(?` + kind + `\w*` + pattern).MatchString(tests) {
					faults = append(faults, fmt.Sprintf("nothing there is called %s%s", kind, pattern))
				}
			}
		case strings.HasPrefix(arg, "-") && !slices.Contains(theGoFlags, arg):
			known := slices.ContainsFunc(flagNames.FindAllStringSubmatch(tests, -1), func(name []string) bool { return "-"+name[1] == arg })
			if !known {
				faults = append(faults, "there is no flag "+arg)
			}
		}
	}
	return faults
}

// faultsIn are those of the commands in a document, with how many it has of each.
func faultsIn(t *testing.T, text string) (faults []string, found map[string]int) {
	t.Helper()
	root := filepath.Join("..", "..")
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	found = map[string]int{}
	for _, command := range commandsOf(text) {
		args := words.FindAllString(command, -1)
		found[args[0]]++
		those := checkGoTest(root, args[1:])
		if args[0] == "make" {
			those = checkMake(string(makefile), args[1:])
		}
		for _, fault := range those {
			faults = append(faults, command+": "+fault)
		}
	}
	return faults, found
}

func TestCommandsInDocumentsNameWhatThereIs(t *testing.T) {
	documents, _ := filepath.Glob(filepath.Join("..", "..", "docs", "*.md"))
	more, _ := filepath.Glob(filepath.Join("..", "..", "*.md"))
	var makes, goTests int
	for _, document := range append(documents, more...) {
		text, err := os.ReadFile(document)
		if err != nil {
			t.Fatal(err)
		}
		faults, found := faultsIn(t, string(text))
		for _, fault := range faults {
			t.Errorf("%s: %s", filepath.Base(document), fault)
		}
		makes, goTests = makes+found["make"], goTests+found["go"]
	}
	if makes < 30 || goTests < 12 {
		t.Errorf("it found %d times make, and %d times go test", makes, goTests)
	}
}

// A test that finds no fault whatever stands there would pass as well.
func TestAWrongCommandInADocumentIsFound(t *testing.T) {
	for text, want := range map[string]int{
		"`make crash POSTGRES=1`":                                 0,
		"`make crahs POSTGRES=1`":                                 1,
		"`make crash POSTGRE=1`":                                  1,
		"`make load` as in `make load SERVERS=1` and\n`make lod`": 1,
		"```sh\nmake bench BENCH='Call|Start' BENCHTIME=10ms\nmake test   # make everything\n```": 0,
		"```\ngo test ./bench -run '^$' -bench Call -benchtime 12288x   # the first\n```":         0,
		"```\ngo test ./bench -run '^$' -bench Calls|StdioStart\n```":                             1,
		"```\ngo test ./benches -run '^$'\n```":                                                   1,
		"`go test ./policy/ledger` and `-bench Growth -args\n-past 1`":                            0,
		"`go test ./policy/ledger` and `-bench Growth -args\n-passed 1`":                          1,
		"`go test ./bench -run TestNothingIsCalledSo`":                                            1,
	} {
		if faults, _ := faultsIn(t, text); len(faults) != want {
			t.Errorf("%s: %q", text, faults)
		}
	}
}
