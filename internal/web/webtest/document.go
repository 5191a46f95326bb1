package webtest

import "vpsops/policy"

// Document is the usual policy: a person of two accounts, and a group that must
// agree to what happens to databases.
func Document() policy.Document {
	everything := []policy.Action{policy.Create, policy.Update, policy.Delete, policy.Start, policy.Stop, policy.Reboot}
	return policy.Document{
		Version: 1,
		People: map[string]policy.Person{
			"ana": {Local: []string{"ana"}, OIDC: []string{"https://id.example.com|ana"}},
			"ben": {Local: []string{"ben"}, OIDC: []string{"https://id.example.com|ben"}},
			"cy":  {Local: []string{"cy"}},
			"dan": {Local: []string{"dan"}},
		},
		Groups:     map[string]policy.Group{"sre": {People: []string{"ana", "ben", "cy"}}},
		ServerSets: map[string][]policy.ServerMatch{"databases": {{Name: []string{"db-*"}}}},
		Grants:     []policy.Grant{{ID: "all", Who: []string{policy.Everyone}, Actions: append(everything, policy.List, policy.Get)}},
		Guards: []policy.Guard{
			{ID: "say-yes", Actions: []policy.Action{policy.Create, policy.Update, policy.Stop, policy.Reboot}, Require: &policy.Require{ConfirmAsker: true}},
			{ID: "delete", Why: "a deleted server cannot be brought back", Actions: []policy.Action{policy.Delete}, Require: &policy.Require{ConfirmAsker: true, TypeName: true}},
			{ID: "two-for-databases", Actions: []policy.Action{policy.Reboot}, Servers: []string{"databases"}, Require: &policy.Require{Approve: 2, From: "sre"}},
			{ID: "why-stop", Actions: []policy.Action{policy.Stop}, Servers: []string{"databases"}, Require: &policy.Require{ConfirmAsker: true, Reason: true}},
		},
	}
}
