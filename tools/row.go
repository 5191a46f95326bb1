package tools

import (
	"strings"

	"vpsops/internal/inert"
	"vpsops/vpsapi"
)

const maxCell = 64 // runes of a foreign text in a table or a sentence

// serverRow is a server in a list. Its texts are inert: an ordinary name comes
// as it is, and ids are what servers are told apart by.
type serverRow struct {
	ID        vpsapi.ID `json:"id"`
	Name      string    `json:"name"`
	Hostname  string    `json:"hostname"`
	Status    string    `json:"status"`
	IPAddress *string   `json:"ip_address"`
	Location  string    `json:"location"`
	Plan      string    `json:"plan"`
	OS        string    `json:"os"`
}

func rowsOf(servers []vpsapi.Server) []serverRow {
	rows := make([]serverRow, len(servers))
	for i, s := range servers {
		rows[i] = serverRow{
			ID: s.ID, Name: cell(s.Name), Hostname: cell(s.Hostname), Status: cell(string(s.Status)),
			Location: cell(s.Location), Plan: cell(s.Plan.Name), OS: cell(s.OS.Name),
		}
		if s.IPAddress != "" {
			address := cell(s.IPAddress)
			rows[i].IPAddress = &address
		}
	}
	return rows
}

func cell(s string) string { return inert.Text(s, maxCell) }

// writeTable writes rows with a tab between cells, which no inert text holds.
func writeTable(b *strings.Builder, rows []serverRow) {
	b.WriteString("id\tname\tstatus\taddress\tlocation\tplan\tos\thostname\n")
	for _, r := range rows {
		address := "-"
		if r.IPAddress != nil {
			address = *r.IPAddress
		}
		b.WriteString(strings.Join([]string{r.ID.String(), r.Name, r.Status, address, r.Location, r.Plan, r.OS, r.Hostname}, "\t"))
		b.WriteByte('\n')
	}
}
