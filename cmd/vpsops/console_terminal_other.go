//go:build !unix

package main

// tellsCursor needs no answer where the system itself knows it.
func (t *terminal) tellsCursor() (tells bool, typed string) { return true, "" }
