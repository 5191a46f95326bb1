package policy

import "strings"

// couldVote tells whether a person has an account by which they could ever vote for
// what somebody else asks: in Slack, or signed in on the page, where a passkey is. A
// token votes nowhere.
func (p *Policy) couldVote(person string, factor Factor) bool {
	of := p.doc.People[person]
	return len(of.OIDC)+len(of.Local) > 0 || factor < Passkey && len(of.Slack) > 0
}

// voters are those of some people who can vote for what somebody else asks, and not
// only by the sign-in of this machine's one-time link, which decides its own person's
// requests alone.
func (p *Policy) voters(of bits, factor Factor) bits {
	some := newBits(len(p.names))
	of.each(func(i int) {
		if person := p.doc.People[p.names[i]]; len(person.OIDC) > 0 || factor < Passkey && len(person.Slack) > 0 {
			some.add(i)
		}
	})
	return some
}

// cannotVote says why people don't count.
func (p *Policy) cannotVote(who bits, factor Factor) string {
	var words []string
	who.each(func(i int) {
		if len(words) == maxNamed {
			return
		}
		person := p.doc.People[p.names[i]]
		why := "has no account"
		switch {
		case len(person.Local) > 0:
			why = "has a local account, whose sign-in decides nobody else's requests"
		case factor == Passkey && len(person.Slack)+len(person.Tokens) > 0:
			why = "has no account to sign in by (oidc), where a passkey is used"
		case len(person.Tokens) > 0:
			why = "has tokens alone, which vote nowhere"
		}
		words = append(words, shown(p.names[i])+" "+why)
	})
	return strings.Join(words, ", ")
}

// accountless tells of requirements that too few can fill by the accounts they have. It
// is a doubt and no fault: accounts are often added to a file that is in use.
func (c *checker) accountless(key string, r *Require, who []string, of []Action) {
	if r.Approve <= 0 {
		return
	}
	from := c.possible([]string{r.From})
	if can := c.voters(from, r.factor()); least(can, c.askers(who, of)) < r.Approve {
		c.fault(key, "%d of %s cannot approve once the asker is left out: of its %d, %d can vote (%s)",
			r.Approve, r.From, from.count(), can.count(), c.cannotVote(from.without(can), r.factor()))
	}
}
