package tools

import (
	"bytes"

	"github.com/mark3labs/mcp-go/mcp"
)

// MayName tells whether a message may be one of the method's, without decoding it.
// Written with an escape, as some clients write a slash, it stands there as it is
// nowhere.
func MayName(message []byte, method mcp.MCPMethod) bool {
	return bytes.Contains(message, []byte(method)) || bytes.IndexByte(message, '\\') >= 0
}
