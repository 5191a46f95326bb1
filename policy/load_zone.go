package policy

import (
	"fmt"
	"time"
)

// loadZone finds a time zone by its name in the IANA database: the machine's,
// or the one built in with -tags timetzdata. No name is UTC. The machine's own
// zone can't be had: replicas would differ.
func loadZone(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, fmt.Errorf("the timezone %s isn't known here: write a name such as Europe/Berlin or UTC", shown(name))
	}
	return zone, nil
}
