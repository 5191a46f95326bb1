package config

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// address checks a host:port to listen on. An empty host is every address of
// the machine.
func (p *parser) address(name, value string) string {
	if value == "" {
		return ""
	}
	host, port, err := net.SplitHostPort(value)
	switch {
	case err != nil:
		p.fault(name, "is %s, not host:port", shown(value))
	case !isPort(port):
		p.fault(name, "is %s, whose port isn't a number from 0 to 65535", shown(value))
	case host != "" && !isHost(host):
		p.fault(name, "is %s, whose host is neither an address nor a name", shown(value))
	default:
		return value
	}
	return ""
}

// apart refuses a second address that the first leaves nothing of. Port 0 is another
// one each time.
func (p *parser) apart(name, value, other, taken string) {
	if overlap(value, taken) {
		p.fault(name, "is %s, which %s takes already", shown(value), other)
	}
}

func overlap(a, b string) bool {
	hostA, portA, errA := net.SplitHostPort(a)
	hostB, portB, errB := net.SplitHostPort(b)
	if errA != nil || errB != nil {
		return false
	}
	one, _ := strconv.ParseUint(portA, 10, 16)
	two, _ := strconv.ParseUint(portB, 10, 16)
	return one == two && one != 0 && (holds(hostA, hostB) || holds(hostB, hostA) || sameHost(hostA, hostB))
}

// holds tells whether a host to listen on is every address of the machine, another
// host's among them.
func holds(every, host string) bool {
	a, errA := netip.ParseAddr(every)
	b, errB := netip.ParseAddr(host)
	switch {
	case every == "", errA == nil && a == netip.IPv6Unspecified():
		return true
	case errA == nil && a == netip.IPv4Unspecified():
		return errB != nil || b.Unmap().Is4()
	}
	return false
}

func sameHost(a, b string) bool {
	addrA, errA := netip.ParseAddr(a)
	addrB, errB := netip.ParseAddr(b)
	if errA == nil && errB == nil {
		return addrA.Unmap() == addrB.Unmap()
	}
	return strings.EqualFold(a, b) || IsLoopback(a) && IsLoopback(b) // a name may stand for either
}

func isPort(s string) bool {
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}

// isHost takes an IP address or a DNS name.
func isHost(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(s, "."), ".") {
		if label == "" || len(label) > 63 || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return false
		}
		for _, c := range label {
			if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", c) {
				return false
			}
		}
	}
	return true
}

// IsLoopback reports whether a host, with or without a port, is this machine
// alone: 127.0.0.0/8, ::1, localhost or a name under .localhost (RFC 6761).
// The empty host of ":8321" is every address, and so is not.
func IsLoopback(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.Unmap().IsLoopback()
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}
