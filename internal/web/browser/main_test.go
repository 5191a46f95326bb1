//go:build browser

package browser

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/chromedp/chromedp"
)

// chromium is the one browser of all tests; each tab has cookies of its own.
var chromium context.Context

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.Flag("no-proxy-server", true))
	if os.Getuid() == 0 { // Chromium's sandbox refuses root, as whom containers run tests
		options = append(options, chromedp.NoSandbox)
	}
	allocator, end := chromedp.NewExecAllocator(context.Background(), options...)
	defer end()
	ctx, stop := chromedp.NewContext(allocator)
	defer stop()
	if err := chromedp.Do(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "Chromium does not start; install Debian's chromium:", err)
		return 1
	}
	chromium = ctx //nolint:fatcontext // set once, before the first test
	return m.Run()
}
