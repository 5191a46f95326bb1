package main

import (
	"context"

	"vpsops/slackbot/delivery"
)

// takeSockets takes deliveries by Socket Mode, where there is an app token.
func (s *slackFront) takeSockets(ctx context.Context, accept delivery.Accept) error {
	_, _ = ctx, accept
	return nil
}

func (s *slackFront) socketProblem() string { return "" }
