package vpsapi

import "errors"

// cleanError is an error of the network or a decoder that quotes what the other end sent.
type cleanError struct {
	text string
	err  error
}

func (e *cleanError) Error() string { return e.text }
func (e *cleanError) Unwrap() error { return e.err }

// cleaned is err with a text that is printable and short. Where the text holds the token, nothing of err is kept.
func cleaned(err error, token Token) error {
	text := err.Error()
	if scrubbed := scrubText(text, token.secret()); scrubbed != text {
		return errors.New(printable(scrubbed, maxMessage))
	}
	if kept := printable(text, maxMessage); kept != text {
		return &cleanError{kept, err}
	}
	return err
}
