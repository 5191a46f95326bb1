package main

import (
	"context"

	"vpsops/slackbot/delivery"
	"vpsops/slackbot/socket"
)

// takeSockets takes deliveries by Socket Mode until ctx ends, where there is an
// app token. What only a person can mend ends Socket Mode and nothing else:
// assistants, the page and deliveries over HTTP go on.
func (s *slackFront) takeSockets(ctx context.Context, accept delivery.Accept) error {
	cfg := s.core.cfg.Slack
	if !cfg.AppToken.IsSet() {
		return nil
	}
	client, err := socket.New(socket.Config{
		AppToken: cfg.AppToken.Reveal(), APIURL: s.core.slackAPI(), Accept: accept, Handler: s.timed(),
		Refused: s.refused, Live: s.live, Logger: s.core.logger,
	})
	if err != nil {
		return err
	}
	s.sockets.Store(client)
	if err := client.Run(ctx); err != nil {
		s.core.logger.Error("Slack's deliveries by Socket Mode have ended", "error", err)
		problem := err.Error()
		s.socketsEnded.Store(&problem)
	}
	return nil
}

func (s *slackFront) live(n int) {
	if s.core.metrics != nil {
		s.core.metrics.SocketConnections(n)
	}
}

// socketProblem says why no delivery comes by Socket Mode; "" where one can.
func (s *slackFront) socketProblem() string {
	if ended := s.socketsEnded.Load(); ended != nil {
		return *ended
	}
	client := s.sockets.Load()
	if client == nil {
		return ""
	}
	state := client.State()
	switch {
	case state.Live > 0:
		return ""
	case state.Problem != nil:
		return "no Socket Mode connection stands: " + state.Problem.Error()
	}
	return "no Socket Mode connection stands yet"
}
