package main

import (
	"context"
	"os/exec"
	"runtime"

	"vpsops/internal/config"
)

// openBrowser shows an address in this desktop's browser, and tells whether it
// could. Every user of the machine can read it: see [forOwnUser].
func (p *program) openBrowser(mode config.OpenBrowser, address string) bool {
	if mode == config.OpenNever || (mode == config.OpenAuto && !p.hasDesktop()) {
		return false
	}
	name, args := opener()
	path, err := exec.LookPath(name)
	if err != nil {
		return false
	}
	cmd := exec.CommandContext(context.Background(), path, append(args, address)...) //nolint:gosec // G204: the desktop's own opener, with an address of our page; the browser outlives us
	if err := cmd.Start(); err != nil {
		return false
	}
	go func() { _ = cmd.Wait() }() // only so that it leaves no zombie
	return true
}

func opener() (name string, args []string) {
	switch runtime.GOOS {
	case "darwin":
		return "open", nil
	case "windows":
		return "rundll32", []string{"url.dll,FileProtocolHandler"}
	}
	return "xdg-open", nil
}

// hasDesktop tells whether somebody seems to sit in front of this machine.
func (p *program) hasDesktop() bool {
	if p.environ["SSH_CONNECTION"] != "" {
		return false
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "windows" {
		return true
	}
	return p.environ["DISPLAY"] != "" || p.environ["WAYLAND_DISPLAY"] != ""
}
