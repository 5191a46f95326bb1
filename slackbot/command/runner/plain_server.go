package runner

import (
	"fmt"
	"strings"
	"time"

	"vpsops/internal/inert"
	"vpsops/policy/gate"
	"vpsops/vpsapi"
)

func (s *Server) plain(b *strings.Builder, now time.Time) {
	for _, h := range s.Holds {
		fmt.Fprintln(b, holdInForce(h, s.Accounts))
	}
	if isOdd(s.Server) {
		fmt.Fprintf(b, "! %s\n", inert.Sentence(gate.OddName, MaxWarning))
	}
	rows := [][]string{
		{"name", cell(s.Name)},
		{"id", cell(s.ID.String())},
		{"status", cell(string(s.Status))},
		{"hostname", cell(s.Hostname)},
		{"address", cell(s.IPAddress)},
		{"IPv6", cell(s.IPv6Address)},
		{"location", cell(s.Location)},
		{"plan", planText(s.Plan)},
		{"system", fmt.Sprintf("%s (id %s)", cell(s.OS.Name), cell(s.OS.ID.String()))},
		{"backups", backupsText(s.BackupsEnabled)},
		{"account", cell(s.Account)},
	}
	if u := s.ResourceUsage; u != nil {
		rows = append(rows, []string{"load", fmt.Sprintf("CPU %.0f%%, memory %d MB, disk %.1f GB, traffic %.1f GB", u.CPUPercent, u.MemoryUsed, u.DiskUsed, u.BandwidthUsed)})
	}
	if !s.CreatedAt.IsZero() {
		rows = append(rows, []string{"made", fmt.Sprintf("%s (%s ago)", s.CreatedAt.UTC().Format(time.RFC3339), age(now.Sub(s.CreatedAt)))})
	}
	if s.Message != "" {
		rows = append(rows, []string{"remark", inert.Line(s.Message, maxLine)})
	}
	table(b, rows)
}

func isOdd(s vpsapi.Server) bool { return inert.Suspicious(s.Name) || inert.Suspicious(s.Hostname) }

func planText(p vpsapi.ServerPlan) string {
	return fmt.Sprintf("%s (id %s): %d vCPU, %d MB, %d GB", cell(p.Name), cell(p.ID.String()), p.VCPUs, p.Memory, p.Storage)
}

func backupsText(on *bool) string {
	switch {
	case on == nil:
		return "unknown"
	case *on:
		return "on"
	}
	return "off"
}

// age is a duration in the unit that a person would say it in.
func age(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", max(0, int(d.Seconds())))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}
