package main

import (
	"bytes"
	"io"
	"strings"

	"vpsops/internal/config"
)

// painter colours what the console says, line by line, where it is read on a
// terminal that has colours (https://no-color.org).
type painter struct {
	w      io.Writer
	colour bool
	moves  bool // the line can be written over
}

func newPainter(w io.Writer, environ config.Environ) *painter {
	able := isKeyboard(w) && environ["TERM"] != "dumb" && environ["TERM"] != ""
	return &painter{w: w, moves: able, colour: able && environ["NO_COLOR"] == ""}
}

const (
	bold   = "\x1b[1m"
	red    = "\x1b[31m"
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
	dim    = "\x1b[2m"
	normal = "\x1b[0m"
)

// paints are how lines begin that are to be seen from afar.
var paints = []struct{ start, colour string }{
	{"! ", bold + red},
	{"Done", green},
	{"Accepted", yellow},
	{"Not done", yellow},
	{"Approved", yellow},
	{"Denied", red},
	{"Failed", red},
	{"Unknown", red},
	{"LOCKED", bold + red},
	{"FROZEN", bold + red},
	{"ID  ", bold},
	{"REQUEST  ", bold},
	{"PLAN  ", bold},
	{"SYSTEM  ", bold},
	{"… ", dim},
}

func (p *painter) Write(text []byte) (int, error) {
	if !p.colour {
		return p.w.Write(text)
	}
	var b bytes.Buffer
	for line := range strings.Lines(string(text)) {
		b.WriteString(painted(line))
	}
	if _, err := p.w.Write(b.Bytes()); err != nil {
		return 0, err
	}
	return len(text), nil
}

func painted(line string) string {
	for _, paint := range paints {
		if strings.HasPrefix(line, paint.start) {
			body := strings.TrimSuffix(line, "\n")
			return paint.colour + body + normal + line[len(body):]
		}
	}
	return line
}
