package card

import (
	"strings"

	"github.com/slack-go/slack"

	"vpsops/internal/inert"
)

// Action is the action that an action id stands for. Slack wants the ids within
// a block to differ, so some end in a colon and something more.
func Action(actionID string) string {
	action, _, _ := strings.Cut(actionID, ":")
	return action
}

// menu is one of which a filter is chosen; the first of it is none.
type menu struct {
	none   string
	chosen string
	values []string
}

func newMenu(none, chosen string) *menu { return &menu{none: none, chosen: chosen} }

func (m *menu) add(value string) {
	if value != "" && len(m.values) < maxOptions-1 {
		m.values = append(m.values, value)
	}
}

// element is the menu, or nil where there is nothing to choose. A choice whose
// value Slack would not take is left out.
func (m *menu) element(actionID string, seal func(chosen string) string) slack.BlockElement {
	var options []*slack.OptionBlockObject
	var initial *slack.OptionBlockObject
	for _, v := range append([]string{""}, m.values...) {
		sealed, label := seal(v), inert.Text(v, maxName)
		if v == "" {
			label = m.none
		}
		if units(sealed) > maxOptionValue {
			continue
		}
		o := slack.NewOptionBlockObject(sealed, plain(label, maxOption), nil)
		options = append(options, o)
		if v == m.chosen {
			initial = o
		}
	}
	if len(options) < 2 {
		return nil
	}
	e := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain(m.none, maxOption), actionID, options...)
	e.InitialOption = initial
	return e
}
