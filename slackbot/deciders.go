package slackbot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

const (
	// mostPeople are asked in their own messages where there is no channel to ask
	// in, and the asker.
	mostPeople = 5

	fitFor     = time.Hour // who can't vote is not looked at again
	untoldName = "untold"  // of the record that says who isn't told
)

// deciders are the channels, or people, where those who decide a request are asked,
// and whoever could decide and isn't told. What stands in its asker's own messages
// alone they are asked in theirs.
func (b *board) deciders(ctx context.Context, v gate.View, posts []ledger.Post) (places, untold []string) {
	rooms := b.bot.Ballot.AskIn(v)
	switch {
	case len(rooms) > 0:
		return rooms, nil
	case b.bot.Approvals != "":
		return []string{b.bot.Approvals}, nil
	case v.Front == policy.Slack && !isDirect(recordOf(posts, cardName+askedIn(v))):
		return nil, nil
	}
	return b.eligible(ctx, v, posts)
}

// eligible are the users whose votes a request waits for, but for an asker who has
// the card already, and the people who are too many to be told.
func (b *board) eligible(ctx context.Context, v gate.View, posts []ledger.Post) (users, untold []string) {
	others := 0
	for _, m := range v.Missing {
		for _, person := range m.Eligible {
			user := b.bot.userOf(person)
			asker := person == v.Person
			switch {
			case user == "", slices.Contains(users, user), slices.Contains(untold, person), asker && v.Front == policy.Slack:
				continue
			case !asker && recordOf(posts, cardName+user).Version == 0 && !b.fit(ctx, user):
				continue
			case !asker && others == mostPeople:
				untold = append(untold, person)
				continue
			case !asker:
				others++
			}
			users = append(users, user)
		}
	}
	return users, untold
}

// fit tells whether a user is to be told: of whom Slack says nothing, is.
func (b *board) fit(ctx context.Context, user string) bool {
	who := caller{team: b.bot.team(), user: user}
	known, ok := b.bot.people.heard(who, b.bot.Now().Add(-fitFor))
	err := known.problem
	if !ok {
		ctx, cancel := context.WithTimeout(ctx, stopTime)
		defer cancel()
		err = b.bot.people.check(ctx, who)
	}
	var refused refusedError
	return !errors.As(err, &refused)
}

// sayUntold has a request say who could decide it and isn't told.
func (b *board) sayUntold(ctx context.Context, v gate.View, posts []ledger.Post) gate.View {
	if v.State != ledger.Pending {
		return v
	}
	_, untold := b.deciders(ctx, v, posts)
	p, problem := recordOf(posts, untoldName), untoldWords(untold)
	if p.Problem == problem {
		return v
	}
	if p.Version == 0 {
		p.At = b.bot.Now()
	}
	v.Problems = slices.DeleteFunc(slices.Clone(v.Problems), func(said string) bool { return said == p.Problem })
	if problem != "" {
		v.Problems = append(v.Problems, problem)
	}
	p.RequestID, p.Name, p.Problem, p.Done = v.ID, untoldName, problem, true
	b.keep(ctx, p)
	return v
}

func untoldWords(people []string) string {
	if len(people) == 0 {
		return ""
	}
	who := strings.Join(people[:min(len(people), mostPeople)], ", ")
	if more := len(people) - mostPeople; more > 0 {
		who += fmt.Sprintf(" and %d more", more)
	}
	return fmt.Sprintf("%s: without an approvals channel %d people are asked in their messages, and no more", who, mostPeople)
}
