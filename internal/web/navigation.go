package web

// The places of the page, as the bar on top leads to them.
const (
	hereRequests = "/requests"
	hereServers  = "/servers"
	hereLocks    = "/locks"
	hereAudit    = "/audit"
	herePolicy   = "/policy"
)

// place is a link of the bar on top.
type place struct {
	Path    string
	Name    string
	Current bool
}

func placesFrom(here string) []place {
	places := []place{
		{Path: hereRequests, Name: "Requests"},
		{Path: hereServers, Name: "Servers"},
		{Path: hereLocks, Name: "Locks"},
		{Path: hereAudit, Name: "Audit"},
		{Path: herePolicy, Name: "Policy"},
	}
	for i := range places {
		places[i].Current = places[i].Path == here
	}
	return places
}
