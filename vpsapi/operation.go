package vpsapi

import (
	"net/http"
	"slices"
	"time"
)

// safety says what sending an operation twice would do.
type safety int

const (
	read         safety = iota // changes nothing: may be repeated
	stateSetting               // sets a state: a second one would change nothing more, unless another change came between
	oneShot                    // each one counts: a second one makes another server, or another reboot
)

// Time-outs: of one try for reads, of the whole call for writes.
const (
	// DefaultReadTimeout bounds one try of a read; a list gets twice as long.
	DefaultReadTimeout = 15 * time.Second
	// DefaultWriteTimeout bounds a write from dialling to the last byte of the answer. Past it nothing more is sent.
	DefaultWriteTimeout = 20 * time.Second
)

// Caps of an answer's body in bytes, as received and after decompression.
const (
	maxListBody  = 16 << 20
	maxBody      = 4 << 20
	maxErrorBody = 64 << 10 // enough for any message; the rest is left unread
)

// operation is one call of the API.
type operation struct {
	name    string // for errors, logs and metrics
	method  string
	route   string // below the base URL; {id} stands for an id
	safety  safety
	success []int
	list    bool
}

// The operations of the API, by its page and its companion pages. Any status that isn't listed as a success is not one: a create
// answered 200, or a delete answered 202, is not what the API says it does.
var (
	opListServers   = &operation{"list servers", http.MethodGet, "/servers/", read, []int{200}, true}
	opGetServer     = &operation{"get server", http.MethodGet, "/servers/{id}/", read, []int{200}, false}
	opCreateServer  = &operation{"create server", http.MethodPost, "/servers/", oneShot, []int{201}, false}
	opReplaceServer = &operation{"replace server", http.MethodPut, "/servers/{id}/", stateSetting, []int{200}, false}
	opUpdateServer  = &operation{"update server", http.MethodPatch, "/servers/{id}/", stateSetting, []int{200}, false}
	opDeleteServer  = &operation{"delete server", http.MethodDelete, "/servers/{id}/", stateSetting, []int{204}, false}
	opStartServer   = &operation{"start server", http.MethodPost, "/servers/{id}/start/", stateSetting, []int{200}, false}
	opStopServer    = &operation{"stop server", http.MethodPost, "/servers/{id}/stop/", stateSetting, []int{200}, false}
	opRebootServer  = &operation{"reboot server", http.MethodPost, "/servers/{id}/reboot/", oneShot, []int{200}, false}
	opListPlans     = &operation{"list plans", http.MethodGet, "/plans/", read, []int{200}, true}
	opGetPlan       = &operation{"get plan", http.MethodGet, "/plans/{id}/", read, []int{200}, false}
	opGetAccount    = &operation{"get account", http.MethodGet, "/account/me/", read, []int{200}, false}
)

func (op *operation) succeeded(status int) bool { return slices.Contains(op.success, status) }

func (op *operation) bodyCap() int64 {
	if op.list {
		return maxListBody
	}
	return maxBody
}

// timeout is the time that one sending of the operation may take.
func (op *operation) timeout(s *settings) time.Duration {
	switch {
	case op.safety != read:
		return s.writeTimeout
	case op.list:
		return 2 * s.readTimeout
	}
	return s.readTimeout
}
