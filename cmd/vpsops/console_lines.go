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

// ask returns what is typed.
func (k *keyboard) ask(ctx context.Context, question string) (string, error) {
	fmt.Fprint(k.out, question)
	return k.lines.next(ctx)
}

// lines reads a line at a time.
type lines struct {
	scanner *bufio.Scanner
	number  int // of the line that was read last
}

func newLines(in io.Reader) *lines { return &lines{scanner: bufio.NewScanner(in)} }

// next returns the next line, or io.EOF. Who waits no longer leaves the read
// behind, which ends with the program.
func (l *lines) next(ctx context.Context) (string, error) {
	type read struct {
		line string
		err  error
	}
	done := make(chan read, 1)
	go func() {
		line, err := l.scan()
		done <- read{line, err}
	}()
	select {
	case r := <-done:
		if r.err == nil {
			l.number++
		}
		return r.line, r.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func (l *lines) scan() (string, error) {
	if l.scanner.Scan() {
		return l.scanner.Text(), nil
	}
	if err := l.scanner.Err(); err != nil {
		return "", err
	}
	return "", io.EOF
}

// isBlank tells a line that says nothing: an empty one or a comment.
func isBlank(line string) bool {
	line = strings.TrimSpace(line)
	return line == "" || strings.HasPrefix(line, "#")
}
