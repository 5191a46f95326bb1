package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"vpsops/internal/config"
	"vpsops/policy"
)

// A client that sends all of its body before it reads gets its answer, where
// nothing in the way of the request would have read the body.
func TestATooLongBodyIsAnswered(t *testing.T) {
	served := false
	s := httptest.NewServer(limitBody(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served = true })))
	defer s.Close()
	if status := sendTooMuch(t, s.Listener.Addr().String(), "here"); status != http.StatusRequestEntityTooLarge || served {
		t.Fatalf("it is answered %d, handed on: %t", status, served)
	}
}

func TestThePageOfMCPAnswersATooLongBody(t *testing.T) {
	p := &program{environ: config.Environ{"XDG_STATE_HOME": t.TempDir(), "VPSOPS_LISTEN": "127.0.0.1:0"}, stderr: io.Discard}
	cfg, logger, err := p.load(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}
	c, err := newCore(cfg, logger, "http://127.0.0.1:1/api/v1", true, policy.Local)
	if err != nil {
		t.Fatal(err)
	}
	page := &lazyPage{core: c, program: p, ctx: t.Context()}
	defer page.close()
	u, err := url.Parse(page.urlOf("x"))
	if err != nil {
		t.Fatal(err)
	}
	if status := sendTooMuch(t, "127.0.0.1:"+u.Port(), u.Host); status != http.StatusRequestEntityTooLarge {
		t.Errorf("it is answered %d", status)
	}
}

// sendTooMuch sends a vote with a body of 32 MiB, and then reads the answer.
func sendTooMuch(t *testing.T, address, host string) (status int) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	body := make([]byte, 32<<20)
	fmt.Fprintf(conn, "POST /requests/x/vote HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\n", host, len(body))
	if _, err := conn.Write(body); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	return answer.StatusCode
}
