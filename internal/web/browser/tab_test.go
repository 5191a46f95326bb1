//go:build browser

package browser

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"vpsops/internal/web/webtest"
)

// patience bounds what a browser may take; nothing waits for it to pass.
const patience = 30 * time.Second

// look is what a tab is like.
type look struct {
	width, height int64
	dark          bool
	noScript      bool
}

var (
	desk  = look{width: 1280, height: 900}
	phone = look{width: 375, height: 812}
)

func (l look) inTheDark() look { l.dark = true; return l }

// tab is a person's browser window, with cookies of its own. What the browser
// reports against the content security policy fails the test.
type tab struct {
	*webtest.World
	ctx context.Context
	mu  sync.Mutex
	// complaints are what the browser itself found wrong.
	complaints []string
}

// open opens a tab of a person whom the page knows without a sign-in; "" is
// nobody.
func open(w *webtest.World, person string, l look) *tab {
	w.Helper()
	ctx, cancel := chromedp.NewContext(chromium, chromedp.WithNewBrowserContext())
	w.Cleanup(cancel)
	t := &tab{World: w, ctx: ctx}
	t.check(chromedp.Listen(ctx, t.hear))
	t.call(func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, audits.Enable, cdp.Empty{})
		return err
	})
	t.setLook(l)
	if person != "" {
		t.call(func(ctx context.Context) error {
			headers := network.SetExtraHTTPHeadersParams{Headers: network.Headers{webtest.IdentityHeader: "local " + person}}
			_, err := chromedp.Call(ctx, network.SetExtraHTTPHeaders, headers)
			return err
		})
	}
	w.Cleanup(t.wantNoComplaints)
	return t
}

// beside opens another tab of the same browser: it shares the cookies.
func (t *tab) beside(l look) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(t.ctx)
	t.Cleanup(cancel)
	other := &tab{World: t.World, ctx: ctx}
	t.check(chromedp.Listen(ctx, other.hear))
	other.setLook(l)
	t.Cleanup(other.wantNoComplaints)
	return other
}

// toFront makes it the tab that is looked at: one behind another takes no
// clicks.
func (t *tab) toFront() {
	t.Helper()
	t.call(func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, page.BringToFront, cdp.Empty{})
		return err
	})
}

func (t *tab) setLook(l look) {
	t.Helper()
	scheme := "light"
	if l.dark {
		scheme = "dark"
	}
	t.call(func(ctx context.Context) error {
		media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
		if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, media); err != nil {
			return err
		}
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: l.noScript})
		return err
	})
	t.do(chromedp.EmulateViewport(l.width, l.height))
}

// hear keeps what the browser finds wrong with a page.
func (t *tab) hear(event any) {
	complaint := ""
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Source == log.EntrySourceSecurity || e.Entry.Source == log.EntrySourceJavascript {
			complaint = e.Entry.Text
		}
	case *audits.EventIssueAdded:
		if d := e.Issue.Details.ContentSecurityPolicyIssueDetails; d != nil {
			complaint = "content security policy: " + d.ViolatedDirective + " " + d.BlockedURL
		}
	}
	if complaint != "" {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.complaints = append(t.complaints, complaint)
	}
}

func (t *tab) wantNoComplaints() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range t.complaints {
		t.Errorf("the browser complains: %s", c)
	}
}

func (t *tab) check(err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// call does something within the time that a browser may take.
func (t *tab) call(fn func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	t.check(fn(ctx))
}

func (t *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	t.call(func(ctx context.Context) error { return chromedp.Do(ctx, steps...) })
}

// ask returns what an action finds.
func ask[T any](t *tab, a chromedp.Action[T]) (found T) {
	t.Helper()
	t.call(func(ctx context.Context) (err error) {
		found, err = chromedp.Run(ctx, a)
		return err
	})
	return found
}

// goTo opens a path of the page, or a whole address, and returns the status.
func (t *tab) goTo(path string) int {
	t.Helper()
	if strings.HasPrefix(path, "/") {
		path = t.Origin + path
	}
	return t.moves(chromedp.Navigate(path))
}

// press clicks what loads another page, and returns its status.
func (t *tab) press(selector string) int {
	t.Helper()
	return t.moves(chromedp.Click(chromedp.CSS(selector)))
}

// moves does what loads a page, and returns the page's status.
func (t *tab) moves(step chromedp.Action[chromedp.Void]) (status int) {
	t.Helper()
	t.call(func(ctx context.Context) error {
		res, err := chromedp.RunResponse(ctx, step)
		if err == nil && res != nil {
			status = int(res.Status)
		}
		return err
	})
	return status
}

func (t *tab) typeIn(selector, text string) {
	t.Helper()
	t.do(chromedp.SendKeys(chromedp.CSS(selector), text))
}

// text is what a person reads there.
func (t *tab) text(selector string) string {
	t.Helper()
	return ask(t, chromedp.Text(chromedp.CSS(selector)))
}

// enter presses a link or a button as the keyboard does.
func (t *tab) enter(selector string) {
	t.Helper()
	t.do(chromedp.Focus(chromedp.CSS(selector)))
	t.moves(chromedp.KeyEvent("\r"))
}

// doubleClick clicks twice before the first click has loaded anything.
func (t *tab) doubleClick(selector string) {
	t.Helper()
	twice := "{ const b = document.querySelector(" + strconv.Quote(selector) + "); b.click(); b.click(); }"
	t.moves(chromedp.Steps(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Run(ctx, chromedp.Evaluate[any](twice))
		return err
	})))
}

// value is what stands in a field.
func (t *tab) value(selector string) string {
	t.Helper()
	return ask(t, chromedp.Value(chromedp.CSS(selector)))
}

// has tells whether something is on the page as it is.
func (t *tab) has(selector string) bool {
	t.Helper()
	nodes := ask(t, chromedp.Nodes(chromedp.CSSAll(selector), chromedp.AtLeast(0)))
	return len(nodes) > 0
}

// wantText waits until the page says every text: what changes by itself may
// take its time.
func (t *tab) wantText(texts ...string) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		body := t.text("body")
		missing := slices.DeleteFunc(slices.Clone(texts), func(s string) bool { return strings.Contains(body, s) })
		if len(missing) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the page does not say %q: %s", missing, body)
		}
		t.do(chromedp.Sleep(50 * time.Millisecond))
	}
}

func (t *tab) wantStatus(got, want int) {
	t.Helper()
	if got != want {
		t.Errorf("answered %d %s, want %d: %s", got, http.StatusText(got), want, t.text("body"))
	}
}
