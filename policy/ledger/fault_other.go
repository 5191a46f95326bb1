//go:build !unix

package ledger

func isReadOnlyFS(error) bool { return false }

func isNoSpace(error) bool { return false }
