// Command acks acknowledges Slack's commands in one of two ways, so that they
// can be measured beside each other: as the program takes them ("webhook"), and
// as slack-go's own functions do ("bare"). Behind either is the same answer.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/slack-go/slack"

	"vpsops/slackbot/delivery"
	"vpsops/slackbot/webhook"
)

const answer = `{"response_type":"ephemeral","text":"on it"}`

func main() {
	secret, team := os.Getenv("SECRET"), os.Getenv("TEAM")
	var h http.Handler = bare(secret)
	if len(os.Args) > 1 && os.Args[1] == "webhook" {
		var err error
		h, err = webhook.New(webhook.Config{
			SigningSecrets: []string{secret}, Accept: delivery.Accept{Teams: []string{team}}, Handler: trivial{},
		})
		if err != nil {
			log.Fatal(err)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("slack:    http://%s\n", l.Addr())
	log.Fatal(http.Serve(l, h))
}

// trivial reads the command, as any bot does, and answers.
type trivial struct{}

func (trivial) Handle(_ context.Context, d delivery.Delivery) (delivery.Ack, error) {
	c, err := d.SlashCommand()
	if err != nil || c.Command == "" {
		return delivery.Ack{}, fmt.Errorf("no command: %w", err)
	}
	return delivery.Ack{Body: json.RawMessage(answer)}, nil
}

// bare is the handler that slack-go's documentation shows: the signature, the
// command, the answer.
func bare(secret string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		verifier, err := slack.NewSecretsVerifier(r.Header, secret)
		if err != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		_, _ = verifier.Write(body)
		if verifier.Ensure() != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if c, err := slack.SlashCommandParse(r); err != nil || c.Command == "" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, answer)
	}
}
