package ledger

// NetworkKind is what a file system's magic number says.
func NetworkKind(magic uint32) string { return networkMagics[magic] }
