package tools

import "fmt"

var fleetReview = prompt{
	name: "fleet-review", title: "Look over the servers",
	description: "What runs where, what looks wrong and what could go, without changing anything.",
	arguments: []promptArgument{
		{name: "location", description: "datacenter code; everywhere where left out"},
		{name: "status", description: "only servers in this status"},
	},
	text: func(g given) string {
		return fmt.Sprintf(`
Look over our servers. Location: %s. Status: %s. Change nothing.

1. list_servers with these filters, every page. list_options for what the plans cost. vps://policy tells what I may do at all.
2. get_server only where the list leaves a doubt, for twenty servers at most: first what isn't active, then what stands out.
3. Report, shortest first:
   - what needs somebody today: suspended, stopped without a reason that I know, an API message.
   - what is odd: names out of line with the others, two of the same name, no address, backups off where its like have them on.
   - what could go or shrink, with the money a month; idle by one reading is a question, not a finding.
   - a table of the rest by location: count, plans, cost a month.
4. End with at most five proposals, each with the server's id and the tool that would do it. Ask for none of them.
`, g.or("location", "everywhere"), g.or("status", "any"))
	},
}
