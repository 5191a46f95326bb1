package policy

import (
	"maps"
	"slices"
)

// rings sorts the groups so that each comes after those within it. Groups that
// contain each other, which no policy may have, are one ring, and all the others
// are rings of one. turns are the groups that contain themselves.
//
// It is Tarjan's way, which looks at each group and each of its names once: a file
// may hold a few hundred groups of which each names all the later ones.
func rings(groups map[string]Group) (sorted [][]string, turns map[string]bool) {
	s := ringSearch{groups: groups, met: make(map[string]int), least: make(map[string]int), turns: make(map[string]bool)}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		if s.met[name] == 0 {
			s.visit(name)
		}
	}
	return s.sorted, s.turns
}

type ringSearch struct {
	groups map[string]Group
	met    map[string]int // when a group was first met, from 1
	least  map[string]int // the first met that can be reached from it; 0 once its ring is closed
	open   []string       // met, and of no ring yet
	sorted [][]string
	turns  map[string]bool
}

func (s *ringSearch) visit(name string) {
	now := len(s.met) + 1
	s.met[name], s.least[name] = now, now
	s.open = append(s.open, name)
	for _, inner := range s.groups[name].Groups {
		if _, there := s.groups[inner]; !there {
			continue
		}
		if s.met[inner] == 0 {
			s.visit(inner)
		}
		if reached := s.least[inner]; reached > 0 {
			s.least[name] = min(s.least[name], reached)
		}
		if inner == name {
			s.turns[name] = true
		}
	}
	if s.least[name] < now {
		return
	}
	first := len(s.open) - 1
	for s.open[first] != name {
		first--
	}
	ring := slices.Clone(s.open[first:])
	s.open = s.open[:first]
	for _, of := range ring {
		s.least[of] = 0
		if len(ring) > 1 {
			s.turns[of] = true
		}
	}
	s.sorted = append(s.sorted, ring)
}
