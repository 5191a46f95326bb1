package policy

import "time"

// Grants tells whether any grant lets an actor ask for an action through their
// front end, on some server at some time: what it is false for need not be
// offered. A stranger, and a token past its expiry or without the scope, are
// granted nothing.
func (p *Policy) Grants(actor Actor, action Action, at time.Time) bool {
	number, known := p.numbers[p.PersonOf(actor.Identity)]
	if n := action.number(); !known || n < 0 || actor.ReadOnly && !action.Reads() {
		return false
	}
	if floor, _ := p.tokenRefuses(&Ask{Actor: actor, Action: action, At: at}); floor != "" {
		return false
	}
	for _, g := range p.rules[action.number()].grants {
		if g.who.has(number) && throughAny(g.Through, actor.Front) {
			return true
		}
	}
	return false
}
