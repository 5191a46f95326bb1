package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"sync"
)

// counter counts the calls of tools.
type counter struct {
	mu    sync.Mutex
	names []string

	asking sync.RWMutex // held while calls that may ask for something are answered
}

// called are the tools called so far, in order.
func (c *counter) called() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.names...)
}

func (c *counter) counting(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 4<<20))
		if err != nil {
			http.Error(w, "the body could not be read", http.StatusBadRequest)
			return
		}
		if c.note(body) {
			c.asking.RLock()
			defer c.asking.RUnlock()
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

// answered returns when no call that may ask for something waits for its
// answer.
func (c *counter) answered() {
	c.asking.Lock()
	defer c.asking.Unlock()
}

// note counts a call once, also where a dialog makes two rounds of it, and
// tells whether it may ask for something.
func (c *counter) note(body []byte) (asks bool) {
	var m struct {
		Method string `json:"method"`
		Params struct {
			Name           string          `json:"name"`
			InputResponses json.RawMessage `json:"inputResponses"`
		} `json:"params"`
	}
	if json.Unmarshal(body, &m) != nil || m.Method != "tools/call" {
		return false
	}
	asks = m.Params.Name != "get_request"
	if m.Params.InputResponses != nil {
		return asks
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.names = append(c.names, m.Params.Name)
	return asks
}
