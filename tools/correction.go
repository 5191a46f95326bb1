package tools

import (
	"context"
	"encoding/json"
	"errors"
	"sync/atomic"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"vpsops/internal/faults"
	"vpsops/internal/inert"
	"vpsops/policy/gate"
	"vpsops/vpsapi"
)

// Correction is what there is to say of an error that the library words by itself:
// it makes each of a resource's handler an internal one (-32603), also where there
// is no such resource, repeats what it was sent in full, tells of what it can't read
// in the words of the program's own types, and names no next step. A transport puts
// it right. It is safe for concurrent use.
type Correction struct {
	code  atomic.Int64
	words atomic.Pointer[rewording] // nil where the library's are right
}

type rewording struct{ library, plain string }

// maxMessage is how long an error's text may be, in runes. It repeats what callers
// send, and is read by people.
const maxMessage = 1000

// correctionFrom is nil where nobody corrects the answer.
func correctionFrom(ctx context.Context) *Correction {
	if e := EnvelopeFrom(ctx); e != nil {
		return &e.Correction
	}
	return nil
}

// Code is the code that belongs into an error in place of the library's for what
// went wrong in general; 0 where that is right.
func (c *Correction) Code() int { return int(c.code.Load()) }

// Error puts an error right.
func (c *Correction) Error(e *mcp.JSONRPCErrorDetails) {
	if code := c.Code(); code != 0 && (e.Code == mcp.INTERNAL_ERROR || e.Code == mcp.INVALID_REQUEST) {
		e.Code = code
	}
	if w := c.words.Load(); w != nil && e.Message == w.library {
		e.Message = w.plain
	}
	e.Message = inert.Text(e.Message, maxMessage)
	if of, ok := e.Data.(mcp.UnsupportedProtocolVersionData); ok {
		of.Requested = shorten(of.Requested)
		e.Data = of
	}
}

// correct returns an answer as it should be: with a number as its id with every
// digit of the request's, where the library goes over a float64, and its error put
// right.
func (c *Correction) correct(answer mcp.JSONRPCMessage, id json.RawMessage) mcp.JSONRPCMessage {
	exact := func(rounded mcp.RequestId) mcp.RequestId {
		if _, number := rounded.Value().(float64); number {
			return mcp.NewRequestId(id)
		}
		return rounded
	}
	switch a := answer.(type) {
	case mcp.JSONRPCResponse:
		a.ID = exact(a.ID)
		return a
	case mcp.JSONRPCError:
		a.ID = exact(a.ID)
		c.Error(&a.Error)
		return a
	}
	return answer
}

// noteMissing says that there is no such resource, by the code of the caller's
// revision of the protocol.
func noteMissing(ctx context.Context) {
	c := correctionFrom(ctx)
	if c == nil {
		return
	}
	code := mcp.RESOURCE_NOT_FOUND
	if mcp.IsModernProtocol(server.RequestProtocolVersion(ctx)) {
		code = mcp.INVALID_PARAMS
	}
	c.code.Store(int64(code))
}

// isMissing tells an address behind which there is nothing from a read that
// failed, or was denied.
func isMissing(err error) bool {
	var (
		account  *gate.NoAccountError
		unknown  *vpsapi.NotFoundError
		badID    *vpsapi.InvalidIDError
		argument *argumentError
	)
	if errors.As(err, &account) {
		return len(account.Known) > 0 // where there is none, its token is what is missing
	}
	return faults.IsUnknownID(err) || errors.Is(err, gate.ErrNotFound) ||
		errors.As(err, &unknown) || errors.As(err, &badID) || errors.As(err, &argument)
}
