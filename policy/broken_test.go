package policy_test

import (
	"errors"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"vpsops/policy"
)

var update = flag.Bool("update", false, "write the messages of broken policy files anew")

const brokenFiles = "testdata/broken.txtar"

// TestEveryBrokenFileSaysWhatIsWrong compares whole messages: they are what
// somebody has who mends a policy in the night.
func TestEveryBrokenFileSaysWhatIsWrong(t *testing.T) {
	archive, err := txtar.ParseFile(brokenFiles)
	if err != nil {
		t.Fatal(err)
	}
	cases := 0
	for i := 0; i+1 < len(archive.Files); i += 2 {
		file, says := archive.Files[i], &archive.Files[i+1]
		cases++
		t.Run(says.Name, func(t *testing.T) {
			_, err := policy.Load("policy.yaml", file.Data)
			var broken *policy.LoadError
			if !errors.As(err, &broken) {
				t.Fatalf("it loaded, with %v", err)
			}
			checkFaults(t, string(file.Data), broken)
			got := broken.Error() + "\n"
			if *update {
				says.Data = []byte(got)
			}
			if got != string(says.Data) {
				t.Errorf("got\n%swant\n%s", got, says.Data)
			}
		})
	}
	if cases < 60 {
		t.Errorf("only %d files", cases)
	}
	if *update {
		if err := os.WriteFile(brokenFiles, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// checkFaults holds that each fault points into the file.
func checkFaults(t testing.TB, text string, broken *policy.LoadError) {
	t.Helper()
	lines := strings.Split(text, "\n")
	for i, f := range broken.Faults {
		if f.Line < 1 || f.Column < 1 || f.Message == "" || f.Line > len(lines) || len([]rune(lines[f.Line-1]))+1 < f.Column {
			t.Errorf("%s points out of the file", f)
		} else if !strings.HasPrefix(strings.TrimSpace(lines[f.Line-1]), strings.TrimSuffix(f.Excerpt, "...")) {
			t.Errorf("%s has the excerpt %q", f, f.Excerpt)
		}
		if i > 0 && broken.Faults[i-1].Line > f.Line {
			t.Errorf("%s comes out of order", f)
		}
	}
}
