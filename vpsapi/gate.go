package vpsapi

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http/httptrace"
	"sync"
)

// errResend keeps net/http from repeating a request by itself on another connection: the tries are counted here.
var errResend = errors.New("the request was handed to a connection before")

var errSealed = errors.New("the connection is shut for writing")

// gatedConn knows whether anything was handed to it since it was armed, and can be shut for writing, both at once: what is
// found unsent once it is sealed stays unsent.
type gatedConn struct {
	net.Conn

	mu      sync.Mutex
	written bool
	shut    error
}

// Write refuses once the connection is shut.
func (c *gatedConn) Write(p []byte) (int, error) {
	c.mu.Lock()
	if c.shut != nil {
		defer c.mu.Unlock()
		return 0, c.shut
	}
	c.written = true
	c.mu.Unlock()
	return c.Conn.Write(p)
}

// arm begins a request: what was written before it, such as the TLS handshake, isn't part of it.
func (c *gatedConn) arm() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.written = false
}

// shutWith refuses every later write and reports whether one was let through since arm.
func (c *gatedConn) shutWith(err error) (written bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.shut == nil {
		c.shut = err
	}
	return c.written
}

// gate watches one request on its way to one connection.
type gate struct {
	before []func(context.Context) error
	conn   *gatedConn
	err    error // why it was kept back
}

// trace returns ctx with the gate in it.
func (g *gate) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) { g.gotConn(ctx, info) }})
}

// gotConn runs when the connection stands, TLS included, and before the request's first byte.
func (g *gate) gotConn(ctx context.Context, info httptrace.GotConnInfo) {
	conn := gatedUnder(info.Conn)
	conn.arm()
	if g.conn != nil && (g.err != nil || g.conn.shutWith(errResend)) {
		conn.shutWith(errResend)
		return
	}
	g.conn = conn
	if g.err = g.mayPass(ctx); g.err != nil {
		conn.shutWith(errSealed)
	}
}

func (g *gate) mayPass(ctx context.Context) error {
	for _, ask := range g.before {
		if err := ask(ctx); err != nil {
			return err
		}
	}
	return ctx.Err() // the time may have passed while it was asked
}

// close shuts the connection for good after a failure and reports whether any of the request was handed to it.
func (g *gate) close() (sent bool) { return g.conn != nil && g.conn.shutWith(errSealed) }

// gatedUnder finds the dialled connection under TLS, of which there are two layers through an https proxy.
func gatedUnder(conn net.Conn) *gatedConn {
	for {
		switch c := conn.(type) {
		case *tls.Conn:
			conn = c.NetConn()
		case *gatedConn:
			return c
		default:
			panic(fmt.Sprintf("vpsapi: a connection that wasn't dialled here: %T", conn)) // the wire's transport dials nowhere else
		}
	}
}
