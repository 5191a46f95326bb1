package main

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

func TestTheOwnPagesAnswerOwnPrograms(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "the page") }))
	forOwnUser(server.Config)
	server.Start()
	defer server.Close()
	answer, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("it answers %s", answer.Status)
	}
}

func TestTheOwnPagesRefuseOthers(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "the page") }))
	forOwnUser(server.Config)
	own := server.Config.ConnContext
	server.Config.ConnContext = nil
	server.Start()
	defer server.Close()
	here, there := net.Pipe() // no socket of this user's, nor of anybody's
	defer here.Close()
	defer there.Close()
	answer := httptest.NewRecorder()
	request := httptest.NewRequest("GET", "/login", nil)
	server.Config.Handler.ServeHTTP(answer, request.WithContext(own(t.Context(), here)))
	if answer.Code != http.StatusForbidden || strings.Contains(answer.Body.String(), "the page") {
		t.Errorf("it answers %d %s", answer.Code, answer.Body)
	}
}

func TestASocketsOwnerIsReadFromTheTable(t *testing.T) {
	word := func(a, b, c, d byte) string {
		return fmt.Sprintf("%08X", binary.NativeEndian.Uint32([]byte{a, b, c, d}))
	}
	loopback := word(127, 0, 0, 1)
	mapped := word(0, 0, 0, 0) + word(0, 0, 0, 0) + word(0, 0, 255, 255) + loopback
	six := word(0, 0, 0, 0) + word(0, 0, 0, 0) + word(0, 0, 0, 0) + word(0, 0, 0, 1)
	row := func(local, remote string, uid, inode int) string {
		return fmt.Sprintf("   0: %s %s 01 00000000:00000000 00:00000000 00000000 %5d        0 %d 1 0000000000000000 20 4 30 10 -1\n", local, remote, uid, inode)
	}
	head := "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
	page, browser := netip.MustParseAddrPort("127.0.0.1:8321"), netip.MustParseAddrPort("127.0.0.1:40000")
	for name, c := range map[string]struct {
		table string
		uid   int
		found bool
	}{
		"a browser's":              {row(loopback+":2081", loopback+":9C40", 0, 7) + row(loopback+":9C40", loopback+":2081", 1000, 8), 1000, true},
		"one that speaks IPv6":     {row(mapped+":9C40", mapped+":2081", 1001, 8), 1001, true},
		"one that is closed":       {row(loopback+":9C40", loopback+":2081", 0, 0), 0, false},
		"another port's":           {row(loopback+":9C41", loopback+":2081", 1000, 8), 0, false},
		"another address'":         {row(word(127, 0, 0, 2)+":9C40", loopback+":2081", 1000, 8), 0, false},
		"::1's":                    {row(six+":9C40", six+":2081", 1000, 8), 0, false},
		"none":                     {"", 0, false},
		"a table of another shape": {"9C40 2081\n", 0, false},
	} {
		if uid, found := socketOwner(strings.NewReader(head+c.table), browser, page); uid != c.uid || found != c.found {
			t.Errorf("%s: %d, %t", name, uid, found)
		}
	}
	six1, six2 := netip.MustParseAddrPort("[::1]:40000"), netip.MustParseAddrPort("[::1]:8321")
	if uid, found := socketOwner(strings.NewReader(head+row(six+":9C40", six+":2081", 1000, 8)), six1, six2); uid != 1000 || !found {
		t.Errorf("over IPv6: %d, %t", uid, found)
	}
}
