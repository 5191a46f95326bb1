package fakeslack

import (
	"strings"

	"vpsops/slackbot/fakeslack/blockkit"
)

// asked is what a menu was answered.
type asked struct {
	outcome Outcome
	list    []any
}

// Searches types into a menu that the app fills (external_select) and returns
// what it offers, in Outcome.Options.
func (p *Person) Searches(on Surface, action, query string, hows ...How) Outcome {
	p.t.Helper()
	return p.asks(on, p.part(on, action), query, hows).outcome
}

// offered is what the app offers in a menu that it fills; of another it is
// nothing.
func (p *Person) offered(on Surface, menu part, query string) []any {
	p.t.Helper()
	if !strings.HasSuffix(menu.kind(), "external_select") {
		return nil
	}
	return p.asks(on, menu, query, nil).list
}

func (p *Person) asks(on Surface, menu part, query string, hows []How) asked {
	p.t.Helper()
	s := p.s
	s.mu.Lock()
	u := s.state.users[p.user.ID]
	payload := s.interactionPayload("block_suggestion", u)
	s.locate(payload, u, on)
	a := s.attempt(suggestion, payload)
	s.mu.Unlock()
	for _, name := range []string{"response_url", "trigger_id", "state"} {
		delete(payload, name) // asking for options opens and answers nothing
	}
	payload["action_id"], payload["block_id"], payload["value"] = menu.action(), menu.blockID(), query
	a.shape(hows)
	answer, took := s.deliver(p.t.Context(), a)
	result := asked{outcome: answer.outcome(took)}
	if !answer.ok() {
		return result
	}
	if problems := blockkit.CheckOptions(answer.body); len(problems) > 0 {
		result.outcome.Error, result.outcome.Detail = Trouble, problems.Error()
		return result
	}
	result.list = part{element: object(decode(answer.body))}.offered()
	for _, v := range result.list {
		o := object(v)
		result.outcome.Options = append(result.outcome.Options, Option{
			Text: str(object(o["text"]), "text"), Value: str(o, "value"),
		})
	}
	return result
}
