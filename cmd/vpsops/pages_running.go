package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"vpsops/internal/config"
	"vpsops/internal/web"
)

// runningPage is a page that some process of this installation serves now:
// "vpsops login" makes links to it.
type runningPage struct {
	Origin  string    `json:"origin"`
	Listen  string    `json:"listen"`
	Admin   string    `json:"admin,omitempty"` // where it answers /healthz, if it does
	Person  string    `json:"person"`
	Started time.Time `json:"started"`

	// Installation is the name of whatever has its key: another's links open nothing.
	Installation string `json:"installation"`

	// Simulated pages have people of their own.
	Simulated bool `json:"simulated"`
}

func runningFolder(cfg *config.Config) (string, error) {
	state, err := cfg.StateFolder()
	return filepath.Join(state, "pages"), err
}

// announcePage leaves a note of where this process serves its page and, where
// it has one, its health, and returns what takes it away. A note that cannot be
// left costs only "vpsops login" and "vpsops doctor" their comfort.
func (c *core) announcePage(l, admin net.Listener) (remove func()) {
	folder, err := runningFolder(c.cfg)
	if err == nil {
		err = os.MkdirAll(folder, 0o700)
	}
	path := filepath.Join(folder, fmt.Sprintf("%d.json", os.Getpid()))
	if err == nil {
		forgetDead(folder)
		page := runningPage{Origin: c.pageOrigin(l), Listen: l.Addr().String(), Person: c.identity.ID, Started: time.Now(), Simulated: c.sandbox, Installation: web.LocalHost(c.key)}
		if admin != nil {
			page.Admin = admin.Addr().String()
		}
		note, _ := json.Marshal(page) // strings and a time
		err = os.WriteFile(path, note, 0o600)
	}
	if err != nil {
		c.logger.Warn("vpsops login will not find this page", "error", err)
		return func() {}
	}
	return func() { _ = os.Remove(path) } // a note of a dead process is passed over
}

// notes are the notes' paths, of which nobody else writes any: the folder is its
// owner's alone.
func notes(folder string) []string {
	paths, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return nil
	}
	return paths
}

// isDead tells whether the process that left a note is no more. Another may have
// its number by now, and one whose number can't be looked up may be there.
func isDead(note string) bool {
	pid, err := strconv.Atoi(strings.TrimSuffix(filepath.Base(note), ".json"))
	if err != nil || pid <= 0 {
		return false
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	defer func() { _ = process.Release() }()
	return errors.Is(process.Signal(syscall.Signal(0)), os.ErrProcessDone)
}

// forgetDead takes away the notes of processes that could not do it themselves.
func forgetDead(folder string) {
	for _, note := range notes(folder) {
		if isDead(note) {
			_ = os.Remove(note) // it is passed over anyway
		}
	}
}

// runningPages are the pages that answer now, the newest first. Where several say
// that they are at one address, the newest is: the others' numbers went to other
// processes.
func runningPages(ctx context.Context, cfg *config.Config) []runningPage {
	folder, err := runningFolder(cfg)
	if err != nil {
		return nil
	}
	var pages []runningPage
	for _, path := range notes(folder) {
		var page runningPage
		note, err := os.ReadFile(path)
		if err == nil && json.Unmarshal(note, &page) == nil && !isDead(path) && answers(ctx, page.Listen) {
			pages = append(pages, page)
		}
	}
	slices.SortFunc(pages, func(a, b runningPage) int { return b.Started.Compare(a.Started) })
	taken := make(map[string]bool)
	return slices.DeleteFunc(pages, func(p runningPage) bool {
		again := taken[p.Listen]
		taken[p.Listen] = true
		return again
	})
}

func answers(ctx context.Context, address string) bool {
	dialer := net.Dialer{Timeout: time.Second}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return false
	}
	return conn.Close() == nil
}
