package runner

import (
	"fmt"
	"strings"

	"vpsops/internal/inert"
)

func (f *Form) plain(b *strings.Builder) {
	if s := f.Server; s != nil {
		fmt.Fprintf(b, "%s (id %s) is now:\n", cell(s.Name), cell(s.ID.String()))
		table(b, [][]string{{"  name=", cell(s.Name)}, {"  hostname=", cell(s.Hostname)}, {"  backups=", backupsText(s.BackupsEnabled)}})
		b.WriteString("Say what to change, such as: update " + cell(s.ID.String()) + " backups=on\n")
		return
	}
	f.Choices.plain(b)
	fmt.Fprintf(b, "Missing: %s. For example: create name=web-02 plan=… os=… location=…\n", strings.Join(f.Missing, ", "))
}

func (c *Choices) plain(b *strings.Builder) {
	if len(c.Plans) == 0 {
		b.WriteString("This account's plans can't be listed: ids and prices are in the panel, and plan= takes any id.\n")
	} else {
		rows := [][]string{{"PLAN", "ID", "VCPU", "MEMORY", "DISK", "A MONTH", "LOCATIONS"}}
		for _, p := range c.Plans {
			where := inert.Line(strings.Join(p.Locations, ", "), maxLine)
			if !p.Available {
				where = "not available"
			}
			rows = append(rows, []string{cell(p.Name), cell(p.ID.String()), fmt.Sprint(p.VCPUs), fmt.Sprintf("%d MB", p.Memory), fmt.Sprintf("%d GB", p.Storage), cell(p.PriceMonthly.String()), where})
		}
		table(b, rows)
	}
	rows := [][]string{{"SYSTEM", "ID"}}
	for _, s := range c.Systems {
		rows = append(rows, []string{cell(s.Name), cell(s.ID.String())})
	}
	if len(c.Systems) > 0 {
		table(b, rows)
	}
	fmt.Fprintf(b, "Locations: %s. Systems are those in use; the panel lists all.\n", inert.Line(strings.Join(c.Locations, ", "), maxLine))
}
