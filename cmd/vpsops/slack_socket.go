package main

import (
	"context"

	"vpsops/slackbot/delivery"
	"vpsops/slackbot/socket"
)

// takeSockets takes deliveries by Socket Mode, where there is an app token, until
// ctx ends.
func (s *slackFront) takeSockets(ctx context.Context, accept delivery.Accept) error {
	cfg := s.core.cfg.Slack
	if !cfg.AppToken.IsSet() {
		return nil
	}
	api := ""
	if cfg.APIURL != nil {
		api = cfg.APIURL.String()
	}
	client, err := socket.New(socket.Config{
		AppToken: cfg.AppToken.Reveal(), APIURL: api, Accept: accept, Handler: s.timed(),
		Refused: s.refused, Live: s.live, Logger: s.core.logger,
	})
	if err != nil {
		return err
	}
	s.sockets.Store(client)
	return client.Run(ctx)
}

func (s *slackFront) live(n int) {
	if s.core.metrics != nil {
		s.core.metrics.SocketConnections(n)
	}
}

// socketProblem says why no delivery comes by Socket Mode; "" where one can.
func (s *slackFront) socketProblem() string {
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
