package policy

import (
	"slices"
	"strings"
)

// place is from where something is asked.
type place struct {
	front   Front
	channel string
}

func placeOf(a *Ask) place { return place{a.Actor.Front, a.Actor.Channel} }

// ask is the same ask from there.
func (at place) ask(a *Ask) Ask {
	other := *a
	other.Actor.Front, other.Actor.Channel = at.front, at.channel
	return other
}

// placesOf are the places but the ask's own that a person's grants of its action name,
// as far as the person could ask there. Each is a decision of its own to try, so they
// are few.
func (p *Policy) placesOf(a *Ask, person string) (places []place) {
	number, known := p.numbers[person]
	if n := a.Action.number(); !known || n < 0 {
		return nil
	}
	add := func(at place) {
		ownSlack := at.front != Slack || len(p.doc.People[person].Slack) > 0
		if at != placeOf(a) && ownSlack && len(places) < maxNamed && !slices.Contains(places, at) {
			places = append(places, at)
		}
	}
	for _, g := range p.rules[a.Action.number()].grants {
		switch {
		case !g.who.has(number):
		case len(g.Channels) > 0 && throughAny(g.Through, Slack):
			for _, channel := range g.Channels {
				add(place{Slack, channel})
			}
		case !throughAny(g.Through, a.Actor.Front):
			for _, front := range g.Through {
				add(place{front: front})
			}
		}
	}
	return places
}

// placesText says where, as far as that isn't where it was asked.
func placesText(places []place, front Front) string {
	var fronts, rooms, ways []string
	for _, at := range places {
		if at.channel == "" {
			fronts = append(fronts, string(at.front))
		} else {
			rooms = append(rooms, at.channel)
		}
	}
	if len(fronts) > 0 {
		ways = append(ways, "through "+strings.Join(fronts, " or "))
	}
	if len(rooms) > 0 {
		way := "in the channel " + strings.Join(rooms, " or ")
		if front != Slack {
			way = "through " + string(Slack) + " " + way
		}
		ways = append(ways, way)
	}
	return strings.Join(ways, " or ")
}
