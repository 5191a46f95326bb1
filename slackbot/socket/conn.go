package socket

import (
	"fmt"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	// Slack pings and answers pings. A connection on which nothing came for as
	// long as silence is dead, whatever TCP says.
	pingEvery = 10 * time.Second
	silence   = 30 * time.Second

	writeWithin = 5 * time.Second
)

// conn is one connection that Slack has greeted.
type conn struct {
	client *Client
	ws     *websocket.Conn
	since  time.Time

	replace chan struct{} // closed when Slack is about to close it
	asked   sync.Once
	pongs   chan string   // what Slack's pings hold, to be answered
	done    chan struct{} // closed when nothing more is read
	err     error         // why; set before done is closed

	writing  sync.Mutex
	mu       sync.Mutex
	stopping bool
	pending  sync.WaitGroup // deliveries that came by it and aren't dealt with
	helpers  sync.WaitGroup
}

func newConn(c *Client, ws *websocket.Conn) *conn {
	return &conn{
		client: c, ws: ws, since: time.Now(),
		replace: make(chan struct{}), pongs: make(chan string, 1), done: make(chan struct{}),
	}
}

// start begins to read and to ping.
func (n *conn) start() {
	n.ws.SetPingHandler(func(data string) error {
		n.heard()
		select {
		case n.pongs <- data:
		default: // one is on its way
		}
		return nil
	})
	n.ws.SetPongHandler(func(string) error {
		n.heard()
		return nil
	})
	n.heard()
	n.client.stands(+1)
	n.helpers.Go(func() {
		defer n.client.stands(-1)
		defer close(n.done)
		n.err = n.client.contained(n.read)
	})
	n.helpers.Go(n.control)
}

// heard puts off the end for silence.
func (n *conn) heard() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.stopping {
		_ = n.ws.SetReadDeadline(time.Now().Add(silence)) // a broken connection shows at the next read
	}
}

// control pings and answers pings. Who reads doesn't: two sides that write to
// each other and don't read meanwhile would both wait.
func (n *conn) control() {
	every := time.NewTicker(pingEvery)
	defer every.Stop()
	for {
		// One that can't be written shows as silence.
		select {
		case <-every.C:
			_ = n.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeWithin))
		case data := <-n.pongs:
			_ = n.ws.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(writeWithin))
		case <-n.done:
			return
		}
	}
}

// read takes what comes until the connection ends, and says why it did.
func (n *conn) read() error {
	for {
		_, raw, err := n.ws.ReadMessage()
		if err != nil {
			return fmt.Errorf("socket: reading: %w", err)
		}
		n.heard()
		var e envelope
		if err := e.read(raw); err != nil {
			n.client.Logger.Warn("a message of Slack's can't be read", "err", err)
			continue
		}
		switch e.Type {
		case "hello":
		case "disconnect":
			if err := disconnected(e.Reason); err != nil {
				return err
			}
			n.asked.Do(func() { close(n.replace) })
		default:
			n.client.enqueue(n, e)
		}
	}
}

// finish stops reading, waits for what is being dealt with, and closes. What
// Slack has sent and wasn't read, it sends again elsewhere.
func (n *conn) finish() {
	n.mu.Lock()
	n.stopping = true
	_ = n.ws.SetReadDeadline(time.Now()) // a broken connection is what we want
	n.mu.Unlock()
	<-n.done
	n.pending.Wait()
	bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	_ = n.ws.WriteControl(websocket.CloseMessage, bye, time.Now().Add(time.Second)) // a courtesy
	_ = n.ws.Close()
	n.helpers.Wait()
}

// write sends an acknowledgement on this connection, and never on another:
// there it would be nobody's.
func (n *conn) write(ack []byte) error {
	n.writing.Lock()
	defer n.writing.Unlock()
	err := n.ws.SetWriteDeadline(time.Now().Add(writeWithin))
	if err == nil {
		err = n.ws.WriteMessage(websocket.TextMessage, ack)
	}
	if err != nil {
		_ = n.ws.Close() // nothing more can be acknowledged on it
	}
	return err
}
