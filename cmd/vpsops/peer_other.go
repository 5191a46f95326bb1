//go:build !linux

package main

import "net"

// isOwnPeer can't be told here: see docs/AUTH.md for what that leaves open.
func isOwnPeer(net.Conn) bool { return true }
