package main

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"io"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// isOwnPeer tells whether the program at the other end of a connection within
// this machine runs as this process's user, or as root, who may do all that it
// may. It is asked while the connection is new: a socket that its program has
// closed is nobody's. Where the kernel shows no table of sockets there is no
// telling, and everybody counts as one's own, as on other systems.
func isOwnPeer(c net.Conn) bool {
	here, err1 := netip.ParseAddrPort(c.LocalAddr().String())
	there, err2 := netip.ParseAddrPort(c.RemoteAddr().String())
	if err1 != nil || err2 != nil {
		return false
	}
	readable := false
	for _, path := range []string{"/proc/self/net/tcp", "/proc/self/net/tcp6"} {
		table, err := os.Open(path)
		if err != nil {
			continue
		}
		readable = true
		uid, found := socketOwner(table, there, here)
		_ = table.Close() // it was only read
		if found {
			return uid == os.Getuid() || uid == 0
		}
	}
	return !readable
}

// socketOwner finds whose a socket is in the kernel's table (proc(5), /proc/net/tcp).
func socketOwner(table io.Reader, local, remote netip.AddrPort) (uid int, found bool) {
	const (
		localColumn, remoteColumn = 1, 2
		uidColumn, inodeColumn    = 7, 9
	)
	rows := bufio.NewScanner(table)
	for rows.Scan() {
		columns := strings.Fields(rows.Text())
		if len(columns) <= inodeColumn || !isAddress(columns[localColumn], local) || !isAddress(columns[remoteColumn], remote) {
			continue
		}
		if columns[inodeColumn] == "0" { // its program has closed it, and the kernel shows root for it
			return 0, false
		}
		uid, err := strconv.Atoi(columns[uidColumn])
		return uid, err == nil
	}
	return 0, false
}

// isAddress compares an address with how the table writes it: in words of 32 bits
// as this machine has them, and a port. An IPv4 address may stand there as an IPv6
// one.
func isAddress(written string, a netip.AddrPort) bool {
	ip, port, _ := strings.Cut(written, ":")
	if number, err := strconv.ParseUint(port, 16, 16); err != nil || uint16(number) != a.Port() {
		return false
	}
	words, err := hex.DecodeString(ip)
	if err != nil || len(words)%4 != 0 {
		return false
	}
	for i := 0; i < len(words); i += 4 {
		binary.BigEndian.PutUint32(words[i:], binary.NativeEndian.Uint32(words[i:]))
	}
	is, ok := netip.AddrFromSlice(words)
	return ok && is.Unmap() == a.Addr().Unmap()
}
