package policy

import (
	mathbits "math/bits"
	"slices"
)

// bits is a set of small numbers.
type bits []uint64

func newBits(n int) bits { return make(bits, (n+63)/64) }

func (b bits) add(i int) { b[i/64] |= 1 << (i % 64) }

func (b bits) has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }

func (b bits) addAll(of bits) {
	for i := range b {
		b[i] |= of[i]
	}
}

func (b bits) keep(of bits) {
	for i := range b {
		b[i] &= of[i]
	}
}

// inlineSets is how many sets a policy may have before a decision allocates.
const inlineSets = 1024

// setBits says in which of the policy's sets a server is.
type setBits struct {
	few       [inlineSets / 64]uint64
	many      bits // instead of few, where there are more sets
	unmatched int  // the set of servers in no set, or -1
	odd       bool // its name has no normal form
	unread    bool
}

func (b *setBits) in() bits {
	if b.many != nil {
		return b.many
	}
	return b.few[:]
}

// look fills b with the sets of a server, of which there is one.
func (p *Policy) look(s *Server, b *setBits) {
	if len(p.sets) > inlineSets {
		b.many = newBits(len(p.sets))
	}
	b.unmatched, b.unread = p.unmatched, s.unread()
	plain := isPlain(s.Name)
	b.odd = !plain
	in, matched := b.in(), false
	for i := range p.sets {
		if p.sets[i].has(s, plain) {
			in.add(i)
			matched = true
		}
	}
	if p.unmatched >= 0 && (!matched || b.odd) {
		in.add(p.unmatched)
	}
}

// granted tells whether a server is surely in one of the sets; no sets means
// every server.
func (b *setBits) granted(sets []int) bool {
	switch {
	case len(sets) == 0:
		return true
	case b.unread:
		return false
	case b.odd:
		return slices.Contains(sets, b.unmatched)
	}
	return b.hasAny(sets)
}

// guarded tells whether a server is in one of the sets or may be; no sets
// means every server.
func (b *setBits) guarded(sets []int) bool {
	return len(sets) == 0 || b.unread || b.hasAny(sets)
}

func (b *setBits) hasAny(sets []int) bool {
	in := b.in()
	for _, i := range sets {
		if in.has(i) {
			return true
		}
	}
	return false
}

func (b bits) count() (n int) {
	for _, word := range b {
		n += mathbits.OnesCount64(word)
	}
	return n
}
