package architecture_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strings"
)

// check returns what breaks through the walls, a message each, with what to do
// instead.
func check(walls []wall, guarded []string, sources []*source) []string {
	var found []string
	for _, s := range sources {
		for _, w := range walls {
			if w.holdsFor(s) {
				found = append(found, w.check(s)...)
			}
		}
		if !s.isTest {
			found = append(found, disguises(guarded, s)...)
		}
	}
	return found
}

func (w wall) holdsFor(s *source) bool {
	switch {
	case s.isTest && !w.tests:
		return false
	case w.loading && strings.HasPrefix(path.Base(s.path), "load"):
		return false
	}
	return matches(w.of, s.folder) && !matches(w.but, s.folder)
}

func (w wall) check(s *source) []string {
	var found []string
	report := func(pos token.Pos, what string) {
		found = append(found, fmt.Sprintf("%s: %s (%s); instead: %s", s.at(pos), what, w.name, w.instead))
	}
	for _, i := range s.imports {
		if matches(w.imports, i.path) && !matches(w.butImports, i.path) {
			report(i.pos, fmt.Sprintf("%s imports %q", s.folder, i.path))
		}
	}
	ast.Inspect(s.syntax, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		name := selector.Sel.Name
		if target, ok := s.packageOf(selector); ok {
			if slices.Contains(w.names[target], name) {
				report(selector.Pos(), fmt.Sprintf("%s names %s.%s", s.folder, path.Base(target), name))
			}
		} else if slices.Contains(w.selectors, name) {
			report(selector.Sel.Pos(), fmt.Sprintf("%s names .%s", s.folder, name))
		}
		return true
	})
	return found
}

// packageOf returns the import path that a selector names something of. A local
// variable of the same name as a package would be taken for it: that is
// reported where it needn't be, and never the other way round.
func (s *source) packageOf(selector *ast.SelectorExpr) (string, bool) {
	ident, ok := selector.X.(*ast.Ident)
	if !ok {
		return "", false
	}
	for _, i := range s.imports {
		if i.name == ident.Name {
			return i.path, true
		}
	}
	return "", false
}

// disguises finds dot imports and aliases of guarded packages.
func disguises(guarded []string, s *source) []string {
	var found []string
	for _, i := range s.imports {
		if i.name == "." && slices.Contains(guarded, i.path) {
			found = append(found, fmt.Sprintf(
				"%s: %s imports %q with a dot; instead: import it by name, so that the walls see what is used of it", s.at(i.pos), s.folder, i.path))
		}
	}
	ast.Inspect(s.syntax, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok || !spec.Assign.IsValid() {
			return true
		}
		ast.Inspect(spec.Type, func(n ast.Node) bool {
			if selector, ok := n.(*ast.SelectorExpr); ok {
				if target, ok := s.packageOf(selector); ok && slices.Contains(guarded, target) {
					found = append(found, fmt.Sprintf(
						"%s: %s makes %s an alias of %s.%s; instead: use the name itself, so that the walls see it",
						s.at(spec.Pos()), s.folder, spec.Name.Name, path.Base(target), selector.Sel.Name))
				}
			}
			return true
		})
		return true
	})
	return found
}
