//go:build browser

package browser

import (
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/chromedp/chromedp"
)

var axeSource = sync.OnceValues(func() (string, error) {
	source, err := os.ReadFile("node_modules/axe-core/axe.min.js")
	return string(source), err
})

// violation is what axe-core found wrong, as it says it.
type violation struct {
	ID     string `json:"id"`
	Impact string `json:"impact"`
	Help   string `json:"help"`
	Nodes  []struct {
		HTML    string `json:"html"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

func (v violation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s): %s", v.ID, v.Impact, v.Help)
	for _, n := range v.Nodes {
		fmt.Fprintf(&b, "\n\t%s\n\t%s", n.HTML, n.Summary)
	}
	return b.String()
}

// wantAccessible has axe-core look at the page as it stands, and checks that
// nothing reaches beyond the width of the window.
func (t *tab) wantAccessible(name string) {
	t.Helper()
	source, err := axeSource()
	if err != nil {
		t.Fatalf("axe-core is not there (run `make browser`, which fetches it): %v", err)
	}
	ask(t, chromedp.Evaluate[any](source+"; null"))
	for _, v := range ask(t, chromedp.Evaluate[[]violation](`axe.run().then(r => r.violations)`, chromedp.EvalAwaitPromise)) {
		t.Errorf("%s: %s", name, v)
	}
	if wide := ask(t, chromedp.Evaluate[int](`document.documentElement.scrollWidth - document.documentElement.clientWidth`)); wide > 0 {
		t.Errorf("%s reaches %d pixels beyond the window", name, wide)
	}
}
