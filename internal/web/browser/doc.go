// Package browser holds the tests that drive the page in a real Chromium. They
// are built with the tag browser alone; `make browser` runs them.
package browser
