package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
)

// block is a fenced block of docs/CLIENTS.md.
type block struct{ heading, language, text string }

var (
	headings = regexp.MustCompile(`(?m)^## (.+)$`)
	fences   = regexp.MustCompile("(?s)```(\\w+)\n(.*?)```")
)

func clientBlocks(t *testing.T) (blocks []block) {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "CLIENTS.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := headings.FindAllStringSubmatchIndex(string(page), -1)
	for i, at := range found {
		end := len(page)
		if i+1 < len(found) {
			end = found[i+1][0]
		}
		for _, fence := range fences.FindAllStringSubmatch(string(page[at[1]:end]), -1) {
			blocks = append(blocks, block{string(page[at[2]:at[3]]), fence[1], fence[2]})
		}
	}
	return blocks
}

// entry is a server as some client's configuration names it.
type entry struct {
	command string
	args    []string
	env     map[string]string
	url     string
}

// spelling is where a client's configuration keeps servers, and how it spells
// what belongs to one.
type spelling struct {
	servers, command, env, url string
	keys                       []string // all that it knows of a server
}

var spellings = map[string]spelling{
	"Claude Code":    {"mcpServers", "command", "env", "url", []string{"type", "command", "args", "env", "url", "headers"}},
	"Claude Desktop": {"mcpServers", "command", "env", "", []string{"command", "args", "env"}},
	"VS Code":        {"servers", "command", "env", "url", []string{"type", "command", "args", "env", "url", "headers"}},
	"Cursor":         {"mcpServers", "command", "env", "url", []string{"command", "args", "env", "url", "headers"}},
	"Zed":            {"context_servers", "command", "env", "url", []string{"command", "args", "env", "url", "headers"}},
	"Windsurf":       {"mcpServers", "command", "env", "serverUrl", []string{"command", "args", "env", "serverUrl", "headers"}},
	"Goose":          {"extensions", "cmd", "envs", "uri", []string{"enabled", "type", "name", "description", "cmd", "args", "envs", "timeout", "uri", "headers"}},
}

func (b block) entry(t *testing.T) entry {
	t.Helper()
	if b.language == "sh" {
		return commandLine(t, b.text)
	}
	var document map[string]map[string]map[string]any
	var loose map[string]any
	decode := json.Unmarshal
	if b.language == "yaml" {
		decode = func(text []byte, v any) error { return yaml.UnmarshalWithOptions(text, v, yaml.Strict()) }
	}
	if err := decode([]byte(b.text), &loose); err != nil {
		t.Fatalf("%s: %v\n%s", b.heading, err, b.text)
	}
	s := spellings[b.heading]
	delete(loose, "inputs") // VS Code's questions, which no server is
	text, err := json.Marshal(loose)
	if err == nil {
		err = json.Unmarshal(text, &document)
	}
	server := document[s.servers]["vpsops"]
	if err != nil || len(document) != 1 || server == nil {
		t.Fatalf("%s: no server under %s: %v\n%s", b.heading, s.servers, err, b.text)
	}
	for key := range server {
		if !slices.Contains(s.keys, key) {
			t.Errorf("%s knows no %s", b.heading, key)
		}
	}
	var e entry
	take(t, server[s.command], &e.command)
	take(t, server["args"], &e.args)
	take(t, server[s.env], &e.env)
	take(t, server[s.url], &e.url)
	return e
}

func take(t *testing.T, from, to any) {
	t.Helper()
	if from == nil {
		return
	}
	text, err := json.Marshal(from)
	if err == nil {
		err = json.Unmarshal(text, to)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// commandLine reads "claude mcp add": a name, options, and after -- the command
// or else an address.
func commandLine(t *testing.T, text string) (e entry) {
	t.Helper()
	words := strings.Fields(strings.TrimSpace(text))
	if strings.Join(words[:3], " ") != "claude mcp add" {
		t.Fatalf("%q", text)
	}
	e.env = make(map[string]string)
	if i := slices.Index(words, "--"); i > 0 {
		e.command, e.args = words[i+1], words[i+2:]
		words = words[:i]
	}
	for i, word := range words {
		switch {
		case word == "-e":
			name, value, _ := strings.Cut(words[i+1], "=")
			e.env[name] = value
		case strings.HasPrefix(word, "https://"):
			e.url = word
		}
	}
	return e
}

// The configurations of the page are what each client reads, and the command
// that each starts is a server.
func TestClientsConfigurationsStartTheProgram(t *testing.T) {
	ways := make(map[string][2]bool)
	for _, b := range clientBlocks(t) {
		if _, known := spellings[b.heading]; !known {
			t.Errorf("%s has a block, and nothing is known of its configuration", b.heading)
			continue
		}
		e, way := b.entry(t), ways[b.heading]
		switch {
		case e.url != "":
			way[1] = true
			if e.url != "https://vpsops.example.com/mcp" {
				t.Errorf("%s: %s", b.heading, e.url)
			}
		case filepath.Base(e.command) == "vpsops":
			way[0] = true
			speaks(t, b.heading, e)
		default:
			t.Errorf("%s: neither a command nor an address:\n%s", b.heading, b.text)
		}
		ways[b.heading] = way
	}
	for client := range spellings {
		if way := ways[client]; !way[0] || !way[1] && client != "Claude Desktop" { // its own way over HTTP needs no file
			t.Errorf("%s: stdio %v, HTTP %v", client, way[0], way[1])
		}
	}
}

// speaks starts the command as the client would, and initializes.
func speaks(t *testing.T, client string, e entry) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	token := filepath.Join(home, "token")
	if err := os.WriteFile(token, []byte("vps_dummy"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := []string{"HOME=" + home, "XDG_STATE_HOME=" + home, "VPSOPS_LISTEN=127.0.0.1:0", "VPSOPS_OPEN_BROWSER=never"}
	for name := range e.env {
		switch name {
		case "VPS_API_TOKEN":
			env = append(env, name+"=vps_dummy")
		case "VPS_API_TOKEN_FILE":
			env = append(env, name+"="+token)
		default:
			t.Errorf("%s sets %s", client, name)
		}
	}
	c := exec.CommandContext(t.Context(), program, e.args...)
	c.Args[0] = "vpsops" // what this test binary is under that name
	c.Env, c.WaitDelay = env, 10*time.Second
	c.Stdin = strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"doc","version":"1"}}}` + "\n")
	out, err := c.Output()
	if err != nil || !strings.Contains(string(out), `"serverInfo"`) {
		t.Errorf("%s: %v: %s", client, err, out)
	}
}
