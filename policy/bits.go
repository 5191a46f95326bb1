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

// each calls with every number of the set, from the smallest.
func (b bits) each(call func(i int)) {
	for at, word := range b {
		for ; word != 0; word &= word - 1 {
			call(at*64 + mathbits.TrailingZeros64(word))
		}
	}
}

func (b bits) without(of bits) bits {
	rest := slices.Clone(b)
	for i := range rest {
		rest[i] &^= of[i]
	}
	return rest
}

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

// setBits says in which of the policy's sets a server is, and in which else it
// may be.
type setBits struct {
	few       [2][inlineSets / 64]uint64
	many      [2]bits // instead of few, where there are more sets
	unmatched int     // the set of servers in no set, or -1
	odd       bool    // its name has no normal form
	unread    bool
}

// in are the sets that the server is in.
func (b *setBits) in() bits { return b.bits(0) }

// perhaps are the sets of which it can't be told.
func (b *setBits) perhaps() bits { return b.bits(1) }

func (b *setBits) bits(which int) bits {
	if b.many[which] != nil {
		return b.many[which]
	}
	return b.few[which][:]
}

// look fills b with the sets of a server.
func (p *Policy) look(s *Server, toBe bool, b *setBits) {
	if len(p.sets) > inlineSets {
		b.many = [2]bits{newBits(len(p.sets)), newBits(len(p.sets))}
	}
	f := factsOf(s, toBe)
	b.unmatched, b.unread, b.odd = p.unmatched, s.unread(), !f.plain
	in, perhaps := b.in(), b.perhaps()
	most := no
	for i := range p.sets {
		is := p.sets[i].holds(&f)
		most = max(most, is)
		switch is {
		case surely:
			in.add(i)
		case maybe:
			perhaps.add(i)
		}
	}
	switch {
	case p.unmatched < 0:
	case b.odd || most == no:
		in.add(p.unmatched)
	case most == maybe:
		perhaps.add(p.unmatched)
	}
}

// granted tells whether a server is surely in one of the sets; no sets means
// every server.
func (b *setBits) granted(sets []int) bool {
	if b.odd && !b.unread && len(sets) > 0 {
		return slices.Contains(sets, b.unmatched)
	}
	return b.surely(sets)
}

// guarded tells whether a server is in one of the sets or may be; no sets
// means every server.
func (b *setBits) guarded(sets []int) bool {
	return len(sets) == 0 || b.unread || hasAny(b.in(), sets) || hasAny(b.perhaps(), sets)
}

// surely tells whether nothing that isn't known could keep a server out of all
// the sets.
func (b *setBits) surely(sets []int) bool {
	return len(sets) == 0 || !b.unread && hasAny(b.in(), sets)
}

func hasAny(in bits, sets []int) bool {
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
