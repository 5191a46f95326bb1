package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// agent is the command line of an assistant, a word each: {prompt} stands for
// the task's goal, {config} for the path of its MCP configuration, {url} for
// the MCP server's address.
type agent []string

// run gives the task to the agent and returns what it wrote to stdout: what the
// user was told.
func (a agent) run(ctx context.Context, w *world, limit time.Duration) (answer string, err error) {
	folder, err := os.MkdirTemp("", "vpsops-eval-")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	config := filepath.Join(folder, "mcp.json")
	text, err := json.Marshal(map[string]any{
		"mcpServers": map[string]any{"vpsops": map[string]any{"type": "http", "url": w.mcp}},
	})
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(config, text, 0o600); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	fill := strings.NewReplacer("{prompt}", w.task.Goal, "{config}", config, "{url}", w.mcp)
	words := make([]string, len(a))
	for i, word := range a {
		words[i] = fill.Replace(word)
	}
	c := exec.CommandContext(ctx, words[0], words[1:]...) //nolint:gosec // the user's own command line
	c.Dir, c.Stderr = folder, os.Stderr
	c.WaitDelay = 5 * time.Second
	var out bytes.Buffer
	c.Stdout = &out
	err = c.Run()
	return out.String(), err
}
