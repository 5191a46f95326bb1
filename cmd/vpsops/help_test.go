package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// widest is what a terminal of no great width shows on one line.
const widest = 100

func TestHelpFitsATerminalAndHasExamples(t *testing.T) {
	var look func(*cobra.Command)
	look = func(c *cobra.Command) {
		for line := range strings.Lines(c.Long + "\n" + c.Example) {
			if n := utf8.RuneCountInString(strings.TrimSpace(line)); n > widest {
				t.Errorf("%s: %d columns: %s", c.CommandPath(), n, line)
			}
		}
		if c.Example == "" {
			t.Errorf("%s: no example", c.CommandPath())
		}
		for _, sub := range c.Commands() {
			look(sub)
		}
	}
	look(newRoot(&program{}))
}

func TestTheReadmeSaysWhatTakesSandbox(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	sentence := regexp.MustCompile("`--sandbox` on (.+?) runs against").FindSubmatch(text)
	if sentence == nil {
		t.Fatal("README.md does not say what takes --sandbox")
	}
	var said, taken []string
	for _, name := range regexp.MustCompile("`(\\w+)`").FindAllSubmatch(sentence[1], -1) {
		said = append(said, string(name[1]))
	}
	for _, c := range newRoot(&program{}).Commands() {
		if c.Flags().Lookup("sandbox") != nil {
			taken = append(taken, c.Name())
		}
	}
	slices.Sort(said)
	slices.Sort(taken)
	if !slices.Equal(said, taken) {
		t.Errorf("README.md says that %q take --sandbox, and %q do", said, taken)
	}
}
