package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

// A client that sends all of its body before it reads gets its answer, where
// nothing in the way of the request would have read the body.
func TestATooLongBodyIsAnswered(t *testing.T) {
	served := false
	s := httptest.NewServer(limitBody(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served = true })))
	defer s.Close()
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	body := make([]byte, 32<<20)
	fmt.Fprintf(conn, "POST /requests/x/vote HTTP/1.1\r\nHost: here\r\nContent-Length: %d\r\n\r\n", len(body))
	if _, err := conn.Write(body); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusRequestEntityTooLarge || served {
		t.Fatalf("it is answered %s, handed on: %t", answer.Status, served)
	}
}
