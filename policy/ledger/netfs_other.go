//go:build !linux && !darwin

package ledger

// networkFS cannot tell here.
func networkFS(string) (string, error) { return "", nil }
