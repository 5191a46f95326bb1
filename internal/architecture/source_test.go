package architecture_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"testing"
)

// source is one parsed Go file.
type source struct {
	path    string // from the module's root, with slashes
	folder  string // the package, "." for the root's
	isTest  bool
	syntax  *ast.File
	imports []imported
	fset    *token.FileSet
}

type imported struct {
	path string
	name string // as the file calls it
	pos  token.Pos
}

func (s *source) at(pos token.Pos) string {
	return s.path + ":" + strconv.Itoa(s.fset.Position(pos).Line)
}

// parse reads every Go file of a module, whatever its build tags say.
func parse(t *testing.T, root fs.FS) []*source {
	t.Helper()
	var sources []*source
	err := fs.WalkDir(root, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && isOutside(root, p):
			return fs.SkipDir
		case d.IsDir() || path.Ext(p) != ".go":
			return nil
		}
		content, err := fs.ReadFile(root, p)
		if err != nil {
			return err
		}
		s, err := parseFile(p, content)
		sources = append(sources, s)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sources
}

// isOutside reports whether the go command takes nothing of a folder into this
// module.
func isOutside(root fs.FS, folder string) bool {
	if folder == "." {
		return false
	}
	name := path.Base(folder)
	if name == "testdata" || name == "vendor" || name == "node_modules" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
		return true
	}
	_, err := fs.Stat(root, path.Join(folder, "go.mod"))
	return err == nil
}

func parseFile(p string, content []byte) (*source, error) {
	s := &source{path: p, folder: path.Dir(p), isTest: strings.HasSuffix(p, "_test.go"), fset: token.NewFileSet()}
	var err error
	if s.syntax, err = parser.ParseFile(s.fset, p, content, parser.SkipObjectResolution); err != nil {
		return nil, err
	}
	for _, spec := range s.syntax.Imports {
		target, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		name := path.Base(target)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		s.imports = append(s.imports, imported{path: target, name: name, pos: spec.Pos()})
	}
	return s, nil
}

// matches reports whether an import path or folder is one of the patterns,
// where "x/..." is x and all below it, and "..." is everything.
func matches(patterns []string, s string) bool {
	for _, pattern := range patterns {
		tree, isTree := strings.CutSuffix(pattern, "...")
		tree = strings.TrimSuffix(tree, "/")
		if s == pattern || isTree && (tree == "" || s == tree || strings.HasPrefix(s, tree+"/")) {
			return true
		}
	}
	return false
}
