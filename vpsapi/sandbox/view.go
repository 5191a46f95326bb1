package sandbox

// The shapes of the specification's page, fields in its order.

type planView struct {
	ID        int64  `json:"id"`
	Name      string `json:"name"`
	VCPUs     int    `json:"vcpus"`
	Memory    int    `json:"memory"`
	Storage   int    `json:"storage"`
	Bandwidth *int   `json:"bandwidth,omitempty"`
}

type rowView struct {
	ID        int64    `json:"id"`
	Name      string   `json:"name"`
	Hostname  string   `json:"hostname"`
	Status    string   `json:"status"`
	IPAddress *string  `json:"ip_address"`
	Location  string   `json:"location"`
	Plan      planView `json:"plan"`
	OS        System   `json:"os"`
	CreatedAt string   `json:"created_at"`
	UpdatedAt string   `json:"updated_at"`
}

type detailView struct {
	ID          int64     `json:"id"`
	Name        string    `json:"name"`
	Hostname    string    `json:"hostname"`
	Status      string    `json:"status"`
	IPAddress   *string   `json:"ip_address"`
	IPv6Address *string   `json:"ipv6_address"`
	Location    string    `json:"location"`
	Plan        planView  `json:"plan"`
	OS          System    `json:"os"`
	Backups     bool      `json:"backups_enabled"`
	Usage       usageView `json:"resource_usage"`
	CreatedAt   string    `json:"created_at"`
	UpdatedAt   string    `json:"updated_at"`
}

type createdView struct {
	ID        int64    `json:"id"`
	Name      string   `json:"name"`
	Hostname  string   `json:"hostname"`
	Status    string   `json:"status"`
	IPAddress *string  `json:"ip_address"`
	Location  string   `json:"location"`
	Plan      planView `json:"plan"`
	OS        System   `json:"os"`
	Backups   bool     `json:"backups_enabled"`
	CreatedAt string   `json:"created_at"`
	UpdatedAt string   `json:"updated_at"`
	Message   string   `json:"message"`
}

type actionView struct {
	Status  string      `json:"status"`
	Message string      `json:"message"`
	Server  actedServer `json:"server"`
}

type actedServer struct {
	ID     int64  `json:"id"`
	Name   string `json:"name"`
	Status string `json:"status"`
}

func (sv *server) planView() planView {
	p := sv.plan
	return planView{ID: p.ID, Name: p.Name, VCPUs: p.VCPUs, Memory: p.Memory, Storage: p.Storage}
}

func (sv *server) row() rowView {
	return rowView{
		ID: sv.id, Name: sv.name, Hostname: sv.hostname, Status: sv.status,
		IPAddress: orNull(sv.ip), Location: sv.location, Plan: sv.planView(), OS: *sv.os,
		CreatedAt: timestamp(sv.created), UpdatedAt: timestamp(sv.updated),
	}
}

func (s *Sandbox) detail(sv *server) detailView {
	p := sv.planView()
	p.Bandwidth = &sv.plan.Bandwidth
	return detailView{
		ID: sv.id, Name: sv.name, Hostname: sv.hostname, Status: sv.status,
		IPAddress: orNull(sv.ip), IPv6Address: orNull(sv.ipv6), Location: sv.location,
		Plan: p, OS: *sv.os, Backups: sv.backups, Usage: usage(s.opts.Seed, sv, s.opts.Now()),
		CreatedAt: timestamp(sv.created), UpdatedAt: timestamp(sv.updated),
	}
}

func (sv *server) createdView() createdView {
	return createdView{
		ID: sv.id, Name: sv.name, Hostname: sv.hostname, Status: sv.status,
		IPAddress: orNull(sv.ip), Location: sv.location, Plan: sv.planView(), OS: *sv.os,
		Backups:   sv.backups,
		CreatedAt: timestamp(sv.created), UpdatedAt: timestamp(sv.updated),
		Message: "Server is being provisioned. This may take 2-5 minutes.",
	}
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
