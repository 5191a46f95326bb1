//go:build !unix

package ledger

import "fmt"

func denied(string) error { return nil }

func deniedReading(string) error { return nil }

func forbidden(path, verb string) error { return fmt.Errorf("this user may not %s %s", verb, path) }
