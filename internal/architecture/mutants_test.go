package architecture_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// make mutants takes every file but those that the Makefile lists.
func TestTheFilesOfTheMutantsAreNamed(t *testing.T) {
	root := filepath.Join("..", "..")
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(root, "docs", "MUTANTS.md"))
	if err != nil {
		t.Fatal(err)
	}
	for folder, variable := range map[string]string{"policy": "NOT_DECISION", "policy/gate": "NOT_CLAIM"} {
		list := regexp.MustCompile(`(?m)^` + variable + ` *:= *(\S+)$`).FindStringSubmatch(string(makefile))
		if list == nil {
			t.Fatalf("the Makefile has no %s", variable)
		}
		leftOut := regexp.MustCompile(`^(` + list[1] + `|.*_test)\.go$`)
		files, _ := filepath.Glob(filepath.Join(root, filepath.FromSlash(folder), "*.go"))
		for _, file := range files {
			if name := filepath.Base(file); !leftOut.MatchString(name) && !strings.Contains(string(page), "`"+name+"`") {
				t.Errorf("docs/MUTANTS.md does not name %s/%s, which make mutants changes: name it there, or, if it neither decides nor claims, in %s of the Makefile", folder, name, variable)
			}
		}
	}
}
