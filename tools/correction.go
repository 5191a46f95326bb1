package tools

import (
	"context"
	"encoding/json"
	"errors"
	"sync/atomic"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"vpsops/internal/faults"
	"vpsops/policy/gate"
	"vpsops/vpsapi"
)

// Correction is what a handler has to say of its answer's form and the library has
// no word for: it makes each error of a resource's handler an internal one
// (-32603), also where there is no such resource, and tells of what it can't read in
// the words of the program's own types. A transport puts it right. It is safe for
// concurrent use.
type Correction struct {
	code  atomic.Int64
	words atomic.Pointer[rewording] // nil where the library's are right
}

type rewording struct{ library, plain string }

type correctionKey struct{}

// WithCorrection returns a context for handling one request, and what its handler
// will have said.
func WithCorrection(ctx context.Context) (context.Context, *Correction) {
	c := new(Correction)
	return context.WithValue(ctx, correctionKey{}, c), c
}

// Code is the code that belongs into an error in place of -32603; 0 where that is
// right.
func (c *Correction) Code() int { return int(c.code.Load()) }

// Words are the library's words for an error, and those to say in their place; both
// are "" where its own are right.
func (c *Correction) Words() (library, plain string) {
	if w := c.words.Load(); w != nil {
		return w.library, w.plain
	}
	return "", ""
}

// correct returns an answer as it should be: with a number as its id with every
// digit of the request's, where the library goes over a float64, and with the
// right code and words.
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
		if code := c.Code(); code != 0 && a.Error.Code == mcp.INTERNAL_ERROR {
			a.Error.Code = code
		}
		if library, plain := c.Words(); plain != "" && a.Error.Message == library {
			a.Error.Message = plain
		}
		return a
	}
	return answer
}

// noteMissing says that there is no such resource, by the code of the caller's
// revision of the protocol.
func noteMissing(ctx context.Context) {
	c, ok := ctx.Value(correctionKey{}).(*Correction)
	if !ok {
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
