package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
)

// keyboard asks the person at the terminal, without editing: for one answer.
type keyboard struct {
	lines *lines
	out   io.Writer
}

// ask returns what is typed. Who waits no longer leaves the read behind, which
// ends with the program.
func (k *keyboard) ask(ctx context.Context, question string) (string, error) {
	fmt.Fprint(k.out, question)
	type answer struct {
		line string
		err  error
	}
	answered := make(chan answer, 1)
	go func() {
		line, err := k.lines.next()
		answered <- answer{line, err}
	}()
	select {
	case a := <-answered:
		return a.line, a.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// lines reads a line at a time.
type lines struct {
	scanner *bufio.Scanner
	number  int
}

func newLines(in io.Reader) *lines { return &lines{scanner: bufio.NewScanner(in)} }

// next returns the next line, or io.EOF.
func (l *lines) next() (string, error) {
	if !l.scanner.Scan() {
		if err := l.scanner.Err(); err != nil {
			return "", err
		}
		return "", io.EOF
	}
	l.number++
	return l.scanner.Text(), nil
}

// isBlank tells a line that says nothing: an empty one or a comment.
func isBlank(line string) bool {
	line = strings.TrimSpace(line)
	return line == "" || strings.HasPrefix(line, "#")
}
