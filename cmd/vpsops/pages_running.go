package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"vpsops/internal/config"
)

// runningPage is a page that some process of this installation serves now:
// "vpsops login" makes links to it.
type runningPage struct {
	Origin  string    `json:"origin"`
	Listen  string    `json:"listen"`
	Person  string    `json:"person"`
	Started time.Time `json:"started"`

	// Simulated pages have people of their own.
	Simulated bool `json:"simulated"`
}

func runningFolder(cfg *config.Config) (string, error) {
	state, err := cfg.StateFolder()
	return filepath.Join(state, "pages"), err
}

// announcePage leaves a note of where this process serves its page, and
// returns what takes it away. A note that cannot be left costs only "vpsops
// login" its comfort.
func (c *core) announcePage(l net.Listener) (remove func()) {
	folder, err := runningFolder(c.cfg)
	if err == nil {
		err = os.MkdirAll(folder, 0o700)
	}
	path := filepath.Join(folder, fmt.Sprintf("%d.json", os.Getpid()))
	if err == nil {
		note, _ := json.Marshal(runningPage{c.pageOrigin(l), l.Addr().String(), c.identity.ID, time.Now(), c.sandbox}) // strings and a time
		err = os.WriteFile(path, note, 0o600)
	}
	if err != nil {
		c.logger.Warn("vpsops login will not find this page", "error", err)
		return func() {}
	}
	return func() { _ = os.Remove(path) } // a note of a dead process is passed over
}

// runningPages are the pages that answer now, the newest first.
func runningPages(ctx context.Context, cfg *config.Config) []runningPage {
	folder, err := runningFolder(cfg)
	if err != nil {
		return nil
	}
	paths, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return nil
	}
	var pages []runningPage
	for _, path := range paths {
		var page runningPage
		note, err := os.ReadFile(path)
		if err == nil && json.Unmarshal(note, &page) == nil && answers(ctx, page.Listen) {
			pages = append(pages, page)
		}
	}
	slices.SortFunc(pages, func(a, b runningPage) int { return b.Started.Compare(a.Started) })
	return pages
}

func answers(ctx context.Context, address string) bool {
	dialer := net.Dialer{Timeout: time.Second}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return false
	}
	return conn.Close() == nil
}
