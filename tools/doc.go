// Package tools is the MCP server: what an assistant may ask of vpsops, a file
// a tool.
//
// It holds a [gate.Desk] and so can ask and look, and never vote: at most it
// hands in what the client's own dialog said, which the gate weighs as the
// weakest factor, for the asker alone.
package tools
