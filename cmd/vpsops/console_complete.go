package main

import (
	"context"
	"maps"
	"slices"
	"time"

	"vpsops/policy"
	"vpsops/slackbot/command"
	"vpsops/vpsapi"
)

// completeTime bounds how long a Tab waits for the API.
const completeTime = 2 * time.Second

// completionSource says what words there are, as far as the person may see them.
func (t *console) completionSource(ctx context.Context) command.Source {
	return command.Source{
		Standing: command.Standing{May: t.desk.May(t.actor), ReadOnly: t.desk.ReadOnly()},
		Words: func(kind command.Kind, account string) []string {
			ctx, cancel := context.WithTimeout(ctx, completeTime)
			defer cancel()
			switch kind {
			case command.KindAccount:
				return t.desk.Accounts()
			case command.KindServer:
				return t.serverWords(ctx, account, func(r vpsapi.ServerRow) string { return r.Name })
			case command.KindLocation:
				return t.serverWords(ctx, account, func(r vpsapi.ServerRow) string { return r.Location })
			case command.KindPlan:
				return t.planWords(ctx, account)
			case command.KindRequest:
				return t.requestWords(ctx)
			case command.KindSet:
				return slices.Sorted(maps.Keys(t.core.policy.current.Load().Document().ServerSets))
			}
			return nil
		},
	}
}

func (t *console) serverWords(ctx context.Context, account string, field func(vpsapi.ServerRow) string) []string {
	source, err := t.desk.Source(account)
	if err != nil {
		return nil
	}
	rows, err := source.Finder.Rows(ctx)
	if err != nil {
		return nil // completion is a convenience: the command says what is wrong
	}
	words := map[string]bool{}
	for _, r := range rows {
		if word := field(r); word != "" && t.desk.MayRead(t.actor, policy.List, source.Account, r.Server()) == nil {
			words[word] = true
		}
	}
	return slices.Sorted(maps.Keys(words))
}

func (t *console) planWords(ctx context.Context, account string) (words []string) {
	source, err := t.desk.Source(account)
	if err != nil {
		return nil
	}
	plans, err := source.Reader.Plans(ctx, "")
	if err != nil {
		return nil // as above
	}
	for _, p := range plans {
		words = append(words, p.Name)
	}
	return words
}

func (t *console) requestWords(ctx context.Context) (words []string) {
	open, err := t.desk.Open(ctx, t.actor)
	if err != nil {
		return nil // as above
	}
	for _, v := range open {
		words = append(words, v.ID)
	}
	return words
}
