package sandbox

import (
	"reflect"
	"time"
)

// The statuses that the sandbox gives by itself. EditServer and
// PUT /_sandbox/servers/{id} may set any other.
const (
	StatusActive       = "active"
	StatusStopped      = "stopped"
	StatusSuspended    = "suspended"
	StatusProvisioning = "provisioning"
	StatusStarting     = "starting"
	StatusStopping     = "stopping"
	StatusRebooting    = "rebooting"
)

// Server is what the sandbox knows of a server.
type Server struct {
	ID          int64
	Name        string
	Hostname    string
	Status      string
	IPAddress   string // empty: null in the API
	IPv6Address string // empty: null in the API
	Location    string
	Plan        Plan
	OS          System
	Backups     bool
	CreatedAt   time.Time
	UpdatedAt   time.Time

	Becomes string    // the status it is on its way to; empty when settled
	Due     time.Time // when it gets there
}

// server keeps plan and system as references: with 100,000 servers the
// catalogue must not be there 100,000 times.
type server struct {
	id             int64
	name, hostname string
	status         string
	ip, ipv6       string
	location       string
	plan           *Plan
	os             *System
	backups        bool
	created        time.Time
	updated        time.Time

	becomes string    // the status it is on its way to; empty when settled
	due     time.Time // when it gets there
}

// settle moves a server to the state that it has at a time.
func (sv *server) settle(now time.Time) {
	if sv.becomes == "" || now.Before(sv.due) {
		return
	}
	if sv.status == StatusProvisioning {
		sv.ip, sv.ipv6 = addresses(sv.id)
	}
	sv.status, sv.updated = sv.becomes, sv.due
	sv.becomes, sv.due = "", time.Time{}
}

func (sv *server) export() Server {
	return Server{
		ID: sv.id, Name: sv.name, Hostname: sv.hostname, Status: sv.status,
		IPAddress: sv.ip, IPv6Address: sv.ipv6, Location: sv.location,
		Plan: clonePlan(*sv.plan), OS: *sv.os, Backups: sv.backups,
		CreatedAt: sv.created, UpdatedAt: sv.updated, Becomes: sv.becomes, Due: sv.due,
	}
}

// set overwrites everything but the id. A status that changes stands still,
// unless what it becomes changes too.
func (sv *server) set(to Server) {
	if to.Status != sv.status && to.Becomes == sv.becomes {
		to.Becomes = ""
	}
	sv.becomes, sv.due = to.Becomes, to.Due
	sv.name, sv.hostname, sv.status = to.Name, to.Hostname, to.Status
	sv.ip, sv.ipv6, sv.location = to.IPAddress, to.IPv6Address, to.Location
	sv.backups, sv.created, sv.updated = to.Backups, to.CreatedAt, to.UpdatedAt
	sv.plan, sv.os = sharedPlan(to.Plan), sharedSystem(to.OS)
}

func sharedPlan(p Plan) *Plan {
	if known := planByID(p.ID); known != nil && reflect.DeepEqual(*known, p) {
		return known
	}
	p = clonePlan(p)
	return &p
}

func sharedSystem(o System) *System {
	if known := systemByID(o.ID); known != nil && *known == o {
		return known
	}
	return &o
}

// Server tells how a server stands by now; false where there is none.
func (s *Sandbox) Server(id int64) (Server, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sv := s.fleet.find(id)
	if sv == nil {
		return Server{}, false
	}
	sv.settle(s.opts.Now())
	return sv.export(), true
}

// Servers tells how all servers stand by now, in the order of their ids.
func (s *Sandbox) Servers() []Server {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.opts.Now()
	all := make([]Server, 0, len(s.fleet.servers))
	for _, sv := range s.fleet.servers {
		sv.settle(now)
		all = append(all, sv.export())
	}
	return all
}

// EditServer changes a server behind the API's back: no validation, nothing
// in the log, and UpdatedAt moves only if edit moves it. The id stays. False
// where there is no such server. A status set here stays (a server set to
// rebooting never comes back) until it is set again, unless Becomes and Due
// are set with it. edit must not call the sandbox.
func (s *Sandbox) EditServer(id int64, edit func(*Server)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	sv := s.fleet.find(id)
	if sv == nil {
		return false
	}
	sv.settle(s.opts.Now())
	e := sv.export()
	edit(&e)
	sv.set(e)
	return true
}

// RemoveServer takes a server away behind the API's back; false where there
// was none.
func (s *Sandbox) RemoveServer(id int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fleet.remove(id)
}
