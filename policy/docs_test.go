package policy_test

import (
	"os"
	"strings"
	"testing"

	"vpsops/policy"
)

// TestEveryExampleOfTheDocumentationLoads takes the examples as a reader would
// copy them.
func TestEveryExampleOfTheDocumentationLoads(t *testing.T) {
	text, err := os.ReadFile("../docs/POLICY.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := strings.Split(string(text), "\n```yaml\n")[1:]
	if len(examples) < 6 {
		t.Fatalf("only %d examples", len(examples))
	}
	for _, example := range examples {
		example, _, closed := strings.Cut(example, "\n```\n")
		if !closed {
			t.Fatalf("an example has no end:\n%s", example)
		}
		p, err := policy.Load("example", []byte(example))
		if err != nil {
			t.Errorf("%v\n%s", err, example)
			continue
		}
		if len(p.RunTests()) == 0 {
			t.Errorf("an example has no tests:\n%s", example)
		}
		for _, w := range p.Warnings() {
			t.Errorf("an example is doubted: %s", w)
		}
	}
}
