package web_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Every kind of row that the gate writes can be looked for on the page.
func TestTheTrailIsSearchedForEveryKind(t *testing.T) {
	paths, err := filepath.Glob("../../policy/gate/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			constant, ok := n.(*ast.ValueSpec)
			if !ok || !strings.HasPrefix(constant.Names[0].Name, "event") || len(constant.Values) == 0 {
				return true
			}
			if value, ok := constant.Values[0].(*ast.BasicLit); ok && value.Kind == token.STRING {
				kind, _ := strconv.Unquote(value.Value)
				kinds = append(kinds, kind)
			}
			return true
		})
	}
	if len(kinds) < 20 {
		t.Fatalf("the gate has the kinds %q", kinds)
	}
	page := newStand(t, options{}).as("ana").get("/audit")
	for _, kind := range kinds {
		page.want(http.StatusOK, `<option>`+kind+`</option>`)
	}
}
