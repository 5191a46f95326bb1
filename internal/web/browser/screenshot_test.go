//go:build browser

package browser

import (
	"flag"
	"os"
	"path/filepath"

	"github.com/chromedp/chromedp"
)

var screenshots = flag.String("screenshots", "", "the folder to leave screenshots in")

// photograph leaves a screenshot of the whole page, where they are wanted.
func (t *tab) photograph(name string) {
	t.Helper()
	if *screenshots == "" {
		return
	}
	picture := ask(t, chromedp.FullScreenshot(100))
	t.check(os.WriteFile(filepath.Join(*screenshots, name+".png"), picture, 0o600))
}
