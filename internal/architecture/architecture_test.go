package architecture_test

import (
	"go/ast"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestWallsStand(t *testing.T) {
	sources := parse(t, os.DirFS(moduleRoot(t)))
	for _, message := range check(walls, guarded, sources) {
		t.Error(message)
	}
}

// A wall around a name that nobody bears any more guards nothing.
func TestGuardedNamesExist(t *testing.T) {
	declared := map[string][]string{}
	for _, s := range parse(t, os.DirFS(moduleRoot(t))) {
		if !s.isTest {
			target := path.Join(module, s.folder)
			declared[target] = append(declared[target], declares(s.syntax)...)
		}
	}
	for _, w := range walls {
		for target, names := range w.names {
			for _, name := range names {
				if strings.HasPrefix(target, module+"/") && !slices.Contains(declared[target], name) {
					t.Errorf("%q guards %s.%s, which isn't declared: name what took its place", w.name, target, name)
				}
			}
		}
		for _, selector := range w.selectors {
			if !slices.Contains(declared[module+"/policy/gate"], selector) {
				t.Errorf("%q guards the selector %s, which policy/gate doesn't declare: name what took its place", w.name, selector)
			}
		}
	}
	for _, target := range guarded {
		if len(declared[target]) == 0 {
			t.Errorf("%s is guarded and isn't there: name what took its place", target)
		}
	}
}

// declares lists the names of a file's functions, methods and types.
func declares(f *ast.File) []string {
	var names []string
	for _, decl := range f.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			names = append(names, decl.Name.Name)
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				if spec, ok := spec.(*ast.TypeSpec); ok {
					names = append(names, spec.Name.Name)
				}
			}
		}
	}
	return names
}

func moduleRoot(t *testing.T) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		if folder == filepath.Dir(folder) {
			t.Fatal("no go.mod above the test")
		}
		folder = filepath.Dir(folder)
	}
}

// Each wall is run into once, by one file of a made-up module.
func TestEachWallCanBeHit(t *testing.T) {
	const (
		useWriter = `package x; import "vpsops/vpsapi"; var w *vpsapi.Writer`
		useEnv    = `package x; import "os"; var v = os.Getenv("X")`
	)
	for name, c := range map[string]struct{ file, code, want string }{
		"client imports the project": {
			"vpsapi/x.go", `package vpsapi; import _ "vpsops/internal/inert"`,
			`vpsapi/x.go:1: vpsapi imports "vpsops/internal/inert" (the API client stands alone); instead: others use vpsapi without the rest: take what is needed as an Option, or move it into vpsapi`,
		},
		"client's test imports the project": {
			"vpsapi/x_test.go", `package vpsapi_test; import _ "vpsops/policy"`,
			`imports "vpsops/policy" (the API client stands alone)`,
		},
		"simulated API imports the project": {
			"vpsapi/sandbox/x.go", `package sandbox; import _ "vpsops/internal/config"`,
			`imports "vpsops/internal/config" (the API client stands alone)`,
		},
		"policy imports the client":           {"policy/x.go", `package policy; import _ "vpsops/vpsapi"`, `(policy knows nothing of the project)`},
		"policy reads a file":                 {"policy/x.go", `package policy; import _ "os"`, `imports "os" (policy does no I/O); instead: read in a file called load*.go`},
		"policy opens a connection":           {"policy/x.go", `package policy; import _ "net/http"`, `(policy does no I/O)`},
		"policy opens a database":             {"policy/x.go", `package policy; import _ "database/sql"`, `(policy does no I/O)`},
		"policy looks at the clock":           {"policy/x.go", `package policy; import "time"; var n = time.Now()`, `policy names time.Now (policy has no clock)`},
		"a clock by another name":             {"policy/x.go", `package policy; import clock "time"; var n = clock.Now`, `policy names time.Now (policy has no clock)`},
		"a tool writes":                       {"tools/x.go", useWriter, `tools names vpsapi.Writer (only the gate changes servers); instead: ask through *gate.Desk`},
		"a helper writes":                     {"internal/x/x.go", useWriter, `internal/x names vpsapi.Writer (only the gate changes servers)`},
		"policy's ledger writes":              {"policy/ledger/x.go", useWriter, `(only the gate changes servers)`},
		"a writer by another name":            {"slackbot/x.go", `package x; import api "vpsops/vpsapi"; func f() { api.NewWriter("") }`, `slackbot names vpsapi.NewWriter (only the gate changes servers)`},
		"a writer by a dot import":            {"tools/x.go", `package x; import . "vpsops/vpsapi"; var w *Writer`, `tools imports "vpsops/vpsapi" with a dot; instead: import it by name`},
		"the gate hides a writer":             {"policy/gate/x.go", `package gate; import "vpsops/vpsapi"; type W = *vpsapi.Writer`, `policy/gate makes W an alias of vpsapi.Writer; instead: use the name itself`},
		"cmd hides a ballot":                  {"cmd/vpsops/x.go", `package main; import "vpsops/policy/gate"; type B = gate.Ballot`, `makes B an alias of gate.Ballot`},
		"a tool holds the gate":               {"tools/x.go", `package x; import "vpsops/policy/gate"; var g *gate.Gate`, `tools names gate.Gate (front ends hold a desk, not the gate)`},
		"the page makes a gate":               {"internal/web/x.go", `package x; import "vpsops/policy/gate"; var g = gate.New(gate.Config{})`, `internal/web names gate.New (front ends hold a desk, not the gate)`},
		"a tool votes":                        {"tools/x.go", `package x; import "vpsops/policy/gate"; func f(b *gate.Ballot) {}`, `tools names gate.Ballot (what a model drives can't vote); instead: hand a dialog's answer`},
		"a tool makes a ballot of anything":   {"tools/mcphttp/x.go", `package x; func f(d any) { d.(b).Ballot() }`, `tools/mcphttp names .Ballot (what a model drives can't vote)`},
		"the console's language votes":        {"slackbot/command/x.go", `package x; import "vpsops/policy/gate"; var b gate.Ballot`, `slackbot/command names gate.Ballot (what a model drives can't vote)`},
		"a tool writes votes":                 {"tools/x.go", `package x; import "vpsops/policy/ledger"; var v ledger.Vote`, `tools names ledger.Vote (what a model drives can't write the ledger)`},
		"tools know the page":                 {"tools/x.go", `package x; import _ "vpsops/internal/web"`, `(tools don't know the chat or the page)`},
		"the chat knows tools":                {"slackbot/x.go", `package x; import _ "vpsops/tools"`, `(the chat doesn't know tools or the page)`},
		"the page knows the chat":             {"internal/web/x.go", `package x; import _ "vpsops/slackbot/command"`, `(the page doesn't know tools or the chat)`},
		"the gate knows the page":             {"policy/gate/x.go", `package gate; import _ "vpsops/internal/web"`, `(nothing below the front ends knows them)`},
		"a helper knows cmd":                  {"internal/x/x.go", `package x; import _ "vpsops/cmd/vpsops"`, `(nothing below the front ends knows them)`},
		"a tool reads configuration":          {"tools/x.go", `package x; import _ "vpsops/internal/config"`, `tools imports "vpsops/internal/config" (only cmd reads the environment); instead: take the value as a parameter`},
		"the page stands on its tests' world": {"internal/web/x.go", `package x; import _ "vpsops/internal/web/webtest"`, `(what tests stand on is for tests)`},
		"the fake Slack knows the bot":        {"slackbot/fakeslack/x_test.go", `package x; import _ "vpsops/slackbot"`, `(the fake Slack stands alone)`},
		"the bot stands on the fake Slack":    {"slackbot/x.go", `package x; import _ "vpsops/slackbot/fakeslack"`, `(what tests stand on is for tests)`},
		"a helper reads the environment":      {"internal/x/x.go", useEnv, `internal/x names os.Getenv (only cmd reads the environment)`},
	} {
		t.Run(name, func(t *testing.T) {
			got := check(walls, guarded, parse(t, fstest.MapFS{c.file: {Data: []byte(c.code)}}))
			if len(got) == 0 || !strings.Contains(strings.Join(got, "\n"), c.want) {
				t.Errorf("got %q\nwant a message with %s", got, c.want)
			}
		})
	}
}

// What the design wants must not run into a wall.
func TestWallsLetTheDesignThrough(t *testing.T) {
	files := map[string]string{
		"cmd/vpsops/serve.go":         `package main; import ("os"; "vpsops/internal/config"; "vpsops/policy/gate"; "vpsops/tools"; "vpsops/internal/web"; "vpsops/vpsapi"); var _ = gate.New; var w *vpsapi.Writer; var b *gate.Ballot; var _ = os.Getenv`,
		"policy/gate/x.go":            `package gate; import "vpsops/vpsapi"; type account struct { w *vpsapi.Writer }`,
		"policy/load.go":              `package policy; import "os"; var _ = os.ReadFile`,
		"policy/x.go":                 `package policy; import "time"; type ask struct { at time.Time }`,
		"policy/x_test.go":            `package policy_test; import ("os"; "time"; _ "vpsops/policy/gate"); var _ = os.ReadFile; var _ = time.Now`,
		"tools/x.go":                  `package tools; import ("vpsops/policy/gate"; "vpsops/policy/ledger"; "vpsops/vpsapi"); var d *gate.Desk; var r *vpsapi.Reader; var s ledger.State`,
		"tools/x_test.go":             `package tools_test; import ("vpsops/policy/gate"; "vpsops/vpsapi"; _ "vpsops/internal/web"); var b *gate.Ballot; var w *vpsapi.Writer`,
		"slackbot/x.go":               `package slackbot; import ("vpsops/policy/gate"; _ "vpsops/slackbot/command"); var b *gate.Ballot`,
		"internal/web/x.go":           `package web; import "vpsops/policy/gate"; var b *gate.Ballot`,
		"internal/web/webtest/x.go":   `package webtest; import ("vpsops/policy/gate"; "vpsops/vpsapi"); var g *gate.Gate; var w *vpsapi.Writer`,
		"internal/web/x_test.go":      `package web_test; import _ "vpsops/internal/web/webtest"`,
		"vpsapi/writer.go":            `package vpsapi; type Writer struct{}`,
		"vpsapi/x_test.go":            `package vpsapi_test; import ("vpsops/vpsapi"; _ "vpsops/vpsapi/sandbox"); var w *vpsapi.Writer`,
		"tools/testdata/x.go":         `package x; import _ "vpsops/internal/config"`,
		"interop/go.mod":              `module interop`,
		"interop/x.go":                `package x; import _ "vpsops/internal/config"`,
		"toolsmith/x.go":              `package x; import "vpsops/policy/gate"; type B struct { b gate.Ballot }`,
		"internal/configuration/x.go": `package x; import _ "vpsops/internal/configurations"`,
	}
	fsys := fstest.MapFS{}
	for name, code := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(code)}
	}
	for _, message := range check(walls, guarded, parse(t, fsys)) {
		t.Error(message)
	}
}
