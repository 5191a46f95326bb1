package webhook

import (
	"encoding/json"
	"mime"
	"net/http"
	"net/url"

	"vpsops/slackbot/delivery"
)

// parse makes a delivery of a body that is Slack's, or the answer to a
// challenge. A delivery without a kind is to be acknowledged and dropped.
//
// Only the body counts: a form's fields in the query string stand outside what
// is signed.
func parse(kind delivery.Kind, contentType string, body []byte) (d delivery.Delivery, challenge json.RawMessage, err error) {
	if !fits(kind, contentType) {
		return d, nil, &refusal{http.StatusUnsupportedMediaType, WrongContentType}
	}
	switch kind {
	case delivery.Command:
		d, err = command(body)
	case delivery.Event:
		d, challenge, err = event(body)
	default:
		d, err = interaction(body)
	}
	if err != nil {
		err = &refusal{http.StatusBadRequest, Malformed}
	}
	return d, challenge, err
}

func fits(kind delivery.Kind, contentType string) bool {
	want := "application/x-www-form-urlencoded"
	if kind == delivery.Event {
		want = "application/json"
	}
	if contentType == want {
		return true
	}
	media, _, err := mime.ParseMediaType(contentType) // with a charset, say
	return err == nil && media == want
}

func command(body []byte) (delivery.Delivery, error) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return delivery.Delivery{}, err
	}
	return delivery.FromForm(form)
}

func interaction(body []byte) (delivery.Delivery, error) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return delivery.Delivery{}, err
	}
	return delivery.FromInteraction(json.RawMessage(form.Get("payload")))
}

func event(body []byte) (d delivery.Delivery, challenge json.RawMessage, err error) {
	var outer struct {
		Type      string `json:"type"`
		Challenge string `json:"challenge"`
	}
	if err := json.Unmarshal(body, &outer); err != nil {
		return d, nil, err
	}
	switch outer.Type {
	case "event_callback":
		d, err = delivery.New(delivery.Event, body)
	case "url_verification":
		challenge, err = json.Marshal(map[string]string{"challenge": outer.Challenge})
	}
	return d, challenge, err
}
