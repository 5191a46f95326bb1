package card_test

import (
	"fmt"
	"time"

	"vpsops/slackbot/card"
	"vpsops/slackbot/command/runner"
	"vpsops/vpsapi"
)

// fleet is a list of servers as the runner hands it over: 500 rows at most.
func fleet(n int) runner.Servers {
	r := runner.Servers{Account: "prod", Accounts: []string{"prod", "staging"}, Total: n}
	statuses := []vpsapi.Status{vpsapi.StatusActive, vpsapi.StatusActive, vpsapi.StatusStopped, vpsapi.StatusRebooting, vpsapi.StatusSuspended}
	locations := []string{"us-west", "us-east", "eu-central"}
	for i := range min(n, 500) {
		s := apiServer(plainTexts)
		s.ID, s.Name = vpsapi.NumberID(int64(12345+i)), fmt.Sprintf("web-%02d", i+1)
		s.Status, s.Location = statuses[i%len(statuses)], locations[i%len(locations)]
		s.IPAddress = fmt.Sprintf("203.0.113.%d", i%250+1)
		r.Rows = append(r.Rows, s)
	}
	return r
}

func listFaces() []face {
	w := writer(time.Minute)
	hostileList, longList := fleet(20), fleet(20)
	for i := range hostileList.Rows {
		hostileList.Rows[i] = apiServer(hostileTexts())
		longList.Rows[i] = apiServer(longest())
	}
	return []face{
		messageFace("list_0", w.Servers(fleet(0), card.Press{Text: "nosuch"})),
		messageFace("list_1", w.Servers(fleet(1), card.Press{})),
		messageFace("list_50", w.Servers(fleet(50), card.Press{})),
		messageFace("list_50_page_2", w.Servers(fleet(50), card.Press{Page: 1, Status: "active", Where: "us-west"})),
		messageFace("list_10000", w.Servers(fleet(10_000), card.Press{Page: 24, Text: "web"})),
		messageFace("list_hostile", w.Servers(hostileList, card.Press{Text: hostile})),
		messageFace("list_longest", w.Servers(longList, card.Press{Text: longest().reason, Where: longest().location})),
	}
}
