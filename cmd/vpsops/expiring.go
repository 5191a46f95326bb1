package main

import (
	"fmt"
	"time"

	"vpsops/policy"
)

// A token that ends sooner is told of while there is time to hand out another.
const (
	soonExpiring = 14 * 24 * time.Hour
	soonWords    = "14 days"
)

// expiringWords tell of the tokens that have ended or soon do, a line each.
func expiringWords(pol *policy.Policy) (lines []string) {
	now := clock()
	ending, _ := pol.Expiring(now, soonExpiring)
	for _, t := range ending {
		how := "ends"
		if !now.Before(t.Expires) {
			how = "ended"
		}
		lines = append(lines, fmt.Sprintf("the token %s of %s %s at %s", t.ID, t.Person, how, t.Expires.UTC().Format(time.RFC3339)))
	}
	return lines
}
