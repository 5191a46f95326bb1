package ledger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// cleanData cleans every text of an event's data, the names of its members too, and
// keeps the order of them. It looks at the texts as they are meant and not as they
// are written: "\t" and "\u001b" are one character each, and no part of a word. What
// comes out is what an export writes, so that it hashes alike there.
func (c *clerk) cleanData(data json.RawMessage) (json.RawMessage, error) {
	if len(data) == 0 {
		return nil, nil
	}
	if len(data) > maxData || !json.Valid(data) {
		return nil, errors.New("ledger: the data of an audit row is no JSON, or too long")
	}
	tokens := json.NewDecoder(bytes.NewReader(data))
	tokens.UseNumber()
	var w jsonWriter
	for {
		token, err := tokens.Token()
		if errors.Is(err, io.EOF) {
			return w.out, nil
		}
		if text, is := token.(string); is {
			token = c.clean(text, 0)
		}
		if err == nil {
			err = w.write(token)
		}
		if err != nil {
			return nil, fmt.Errorf("ledger: the data of an audit row: %w", err)
		}
	}
}

// jsonWriter puts the tokens of a [json.Decoder] together again.
type jsonWriter struct {
	out  []byte
	open []jsonLevel // the objects and lists that are not closed yet
}

type jsonLevel struct {
	object bool
	tokens int // written in it so far
}

func (w *jsonWriter) write(token json.Token) error {
	mark, isMark := token.(json.Delim)
	if isMark && (mark == '}' || mark == ']') {
		w.out = append(w.out, byte(mark))
		w.open = w.open[:len(w.open)-1]
		return nil
	}
	w.separate()
	if isMark {
		w.out = append(w.out, byte(mark))
		w.open = append(w.open, jsonLevel{object: mark == '{'})
		return nil
	}
	text, err := json.Marshal(token)
	w.out = append(w.out, text...)
	return err
}

// separate writes what stands between the last token and the next.
func (w *jsonWriter) separate() {
	if len(w.open) == 0 {
		return
	}
	level := &w.open[len(w.open)-1]
	switch {
	case level.object && level.tokens%2 == 1:
		w.out = append(w.out, ':')
	case level.tokens > 0:
		w.out = append(w.out, ',')
	}
	level.tokens++
}
