package fakeslack

import (
	"bytes"
	"encoding/json"
	"time"
)

// How changes how something is delivered, to show what an app makes of it.
type How func(*attempt)

// attempt is a delivery about to be made.
type attempt struct {
	kind    deliveryKind
	payload map[string]any // of a command: its form fields

	secret   string
	at       time.Time
	unsigned bool
	headers  map[string]string
	tamper   func([]byte) []byte
	edits    []func(map[string]any)
	value    *string // of the button that is pressed
	times    int
	declined bool // the confirmation dialog was answered no

	retry  int // of an event, from 1
	reason string
}

// Edited changes the payload before it is signed: another app's, another
// team's, another value. Of a command the fields are strings.
func Edited(edit func(payload map[string]any)) How {
	return func(a *attempt) { a.edits = append(a.edits, edit) }
}

// FromApp delivers what is another app's.
func FromApp(id string) How {
	return Edited(func(p map[string]any) { p["api_app_id"] = id })
}

// WithValue presses with another value than the button's: one that somebody made
// up or took from elsewhere.
func WithValue(value string) How { return func(a *attempt) { a.value = &value } }

// Unsigned leaves the signature away. Over Socket Mode it changes nothing.
func Unsigned() How { return func(a *attempt) { a.unsigned = true } }

// SignedWith signs with another secret.
func SignedWith(secret string) How { return func(a *attempt) { a.secret = secret } }

// SentAt signs for another time: an old delivery, or one of the future.
func SentAt(at time.Time) How { return func(a *attempt) { a.at = at } }

// Tampered changes the body after it is signed.
func Tampered() How {
	return func(a *attempt) {
		a.tamper = func(body []byte) []byte { return append(bytes.Clone(body), "&x=1"...) }
	}
}

// WithHeader sends a header of the test's own, such as another Content-Type. It
// isn't signed, as none is. Over Socket Mode it changes nothing.
func WithHeader(name, value string) How {
	return func(a *attempt) {
		if a.headers == nil {
			a.headers = map[string]string{}
		}
		a.headers[name] = value
	}
}

// Twice delivers the same again after the acknowledgement, as Slack does now and
// then: over HTTP the very same request, over Socket Mode the same payload in
// another envelope.
func Twice() How { return func(a *attempt) { a.times = 2 } }

// Declining answers no in the confirmation dialog of a button: nothing is
// delivered. Without it a person says yes.
func Declining() How { return func(a *attempt) { a.declined = true } }

// shape makes the changes that were asked for, once the payload stands.
func (a *attempt) shape(hows []How) {
	a.take(hows)
	a.edit()
}

func (a *attempt) take(hows []How) {
	for _, how := range hows {
		how(a)
	}
}

// edit makes the edits, and JSON of what they leave.
func (a *attempt) edit() {
	for _, edit := range a.edits {
		edit(a.payload)
	}
	raw, err := json.Marshal(a.payload)
	if err != nil {
		panic("fakeslack: an edited payload is no JSON: " + err.Error())
	}
	a.payload = object(decode(raw))
}
