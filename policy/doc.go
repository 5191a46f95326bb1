// Package policy decides what a person may do to a server and what a human
// must say first.
//
// It is pure: [Policy.Decide] maps an ask (who, what, which server, when) to a
// [Decision], and never reads a clock, a file or the network. The same policy
// and the same ask always give the same decision, whatever the order of the
// rules.
//
// A policy has grants and guards. A grant says who may ask; what no grant
// covers is denied. A guard says what must also hold; every guard that matches
// counts and none loosens another. Below both stands a floor: a create, update,
// stop, reboot or delete is never simply allowed, but by a grant that says
// unsafe_allow. Under a delete or a rename no policy lowers it: a person says yes
// to each, and never by a client program's own dialog.
package policy
