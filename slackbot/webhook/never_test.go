package webhook_test

import "io"

// newNever is a body of which nothing ever comes, until it is ended.
func newNever() (io.Reader, func()) {
	r, w := io.Pipe()
	return r, func() { _ = w.Close() }
}
