package vpsapi

import "context"

// CreateServerParams describes a new server.
type CreateServerParams struct {
	Name     string `json:"name"`     // required: letters, digits and hyphens
	PlanID   ID     `json:"plan_id"`  // required
	OSID     ID     `json:"os_id"`    // required
	Location string `json:"location"` // required: a datacenter's code

	Hostname       string `json:"hostname,omitempty"` // a fully qualified domain name; the API chooses where it is ""
	SSHKeyID       *ID    `json:"ssh_key_id,omitempty"`
	BackupsEnabled *bool  `json:"backups_enabled,omitempty"` // off where it is nil
}

// ReplaceServerParams are the settings of a server, all of them.
type ReplaceServerParams struct {
	Name           string `json:"name"`
	Hostname       string `json:"hostname"`
	BackupsEnabled bool   `json:"backups_enabled"`
}

// UpdateServerParams are the settings of a server that change; the others, nil, stay. At least one must be set.
type UpdateServerParams struct {
	Name           *string `json:"name,omitempty"`
	Hostname       *string `json:"hostname,omitempty"`
	BackupsEnabled *bool   `json:"backups_enabled,omitempty"`
}

// CreateServer makes a server, which costs money from then on. It answers with a server that is being provisioned, for 2 to 5
// minutes and without an address: see [Reader.WaitForStatus]. The API refuses bad parameters ([ErrInvalid]) and a lack of credit
// ([ErrPaymentRequired]).
//
// After an [*OutcomeUnknownError] a server may have been made. It is a server of the list that wasn't there before, with the same
// name, plan, system and location.
func (w *Writer) CreateServer(ctx context.Context, params CreateServerParams, opts ...CallOption) (Server, error) {
	if err := params.check(); err != nil {
		return Server{}, &NotSentError{Operation: opCreateServer.name, Err: err}
	}
	return w.change(ctx, opCreateServer, ID{}, params, opts)
}

// ReplaceServer sets all settings of a server (PUT).
func (w *Writer) ReplaceServer(ctx context.Context, id ID, params ReplaceServerParams, opts ...CallOption) (Server, error) {
	if err := required(opReplaceServer, "name", params.Name == ""); err != nil {
		return Server{}, &NotSentError{Operation: opReplaceServer.name, Err: err}
	}
	return w.change(ctx, opReplaceServer, id, params, opts)
}

// UpdateServer sets some settings of a server (PATCH).
func (w *Writer) UpdateServer(ctx context.Context, id ID, params UpdateServerParams, opts ...CallOption) (Server, error) {
	if err := params.check(); err != nil {
		return Server{}, &NotSentError{Operation: opUpdateServer.name, Err: err}
	}
	return w.change(ctx, opUpdateServer, id, params, opts)
}

func (p CreateServerParams) check() error {
	for _, field := range []struct {
		name    string
		missing bool
	}{
		{"name", p.Name == ""},
		{"plan_id", p.PlanID.IsZero()},
		{"os_id", p.OSID.IsZero()},
		{"location", p.Location == ""},
		{"ssh_key_id", p.SSHKeyID != nil && p.SSHKeyID.IsZero()},
	} {
		if err := required(opCreateServer, field.name, field.missing); err != nil {
			return err
		}
	}
	return nil
}

func (p UpdateServerParams) check() error {
	if p.Name == nil && p.Hostname == nil && p.BackupsEnabled == nil {
		return &InvalidParamsError{Operation: opUpdateServer.name, Field: "name, hostname or backups_enabled", Reason: "must be given"}
	}
	return required(opUpdateServer, "name", p.Name != nil && *p.Name == "")
}

func required(op *operation, field string, missing bool) error {
	if !missing {
		return nil
	}
	return &InvalidParamsError{Operation: op.name, Field: field, Reason: "must not be empty"}
}
