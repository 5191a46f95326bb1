// Package sandbox is the VPS.org REST API simulated: an http.Handler with a
// fleet of servers whose states move by themselves, a log of every request,
// and a plan of faults. It is for tests, demonstrations and trying things
// out. It imports nothing of the project, so that a client can be held
// against it.
//
// The API stands under [BasePath] and wants the bearer token of [Options].
// Names need not be unique; ids are never used again. What the
// specification's page leaves open is answered as Django REST framework
// would: errors as {"detail": …} or {"field": […]}, lists paged by page and
// page_size (20, at most 100), a redirect where the final slash is missing,
// unknown fields of a body ignored. A server made without a hostname has an
// empty one. Any positive ssh_key_id is taken.
//
// # Driving it over HTTP
//
// Under [AdminPath], which wants no token but refuses other sites' pages:
//
//	GET    /_sandbox/requests       the log, a JSON object a line, oldest first
//	DELETE /_sandbox/requests       clears it
//	GET    /_sandbox/faults         the fault plan, and how often each has struck
//	PUT    /_sandbox/faults         replaces it; 400 says what is wrong with a plan
//	DELETE /_sandbox/faults         clears it
//	GET    /_sandbox/servers/{id}   a server, unlogged
//	PUT    /_sandbox/servers/{id}   sets fields behind the API's back
//	DELETE /_sandbox/servers/{id}   takes a server away behind the API's back
//
// The fields that can be set are name, hostname, status, ip_address,
// ipv6_address, location, plan, os (an id or an object), backups_enabled,
// created_at and updated_at. They are not validated: strange texts are what it
// is for. Only what is given changes, so updated_at stands still unless it is
// given too. A status that is set stays: a server set to "rebooting" never
// comes back.
//
// # The log
//
// A line is {seq, at, method, path, query, body, status, executed}. A request
// is entered when it is received, whatever becomes of it; status is the code
// really sent, 0 where none was or not yet; executed says that it changed the
// state. The log keeps the last 200,000 requests and 32 MiB of their text, and
// 16 KiB of a body; a first seq above that of the last clearing shows that
// older ones are gone. An answer's X-Request-Id carries the seq.
//
// # The fault plan
//
// A plan is a list. A request is struck by the first fault that matches it and
// has uses left:
//
//	[
//	  {"match": {"method": "POST", "path": "/api/v1/servers/*/reboot/"},
//	   "times": 2, "kind": "status", "status": 502},
//	  {"match": {"method": "DELETE"}, "times": 1, "kind": "cut-after"},
//	  {"kind": "status", "status": 429, "headers": {"Retry-After": "2"}, "times": 1},
//	  {"match": {"path": "/api/v1/plans/"}, "kind": "delay", "delay": "500ms"}
//	]
//
// In a path * stands for any run of characters, slashes too, and ? for one
// character. times 0 is for ever. Each [Kind] says whether the request is
// executed: status, cut-before and redirect are not. Faults strike before the
// token is looked at, as a proxy's would.
//
// A client that goes away during a delay (or [Options.Latency]) does not stop a
// write: it is carried out when the delay is over.
package sandbox
