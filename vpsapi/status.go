package vpsapi

// Status is a server's state as the API words it. A status that isn't among the constants is kept as it came.
type Status string

// The statuses that the API's page shows.
const (
	StatusActive       Status = "active"       // running
	StatusStopped      Status = "stopped"      // shut down; can be started
	StatusSuspended    Status = "suspended"    // taken down by the provider; cannot be started
	StatusProvisioning Status = "provisioning" // being made; takes 2 to 5 minutes
	StatusStarting     Status = "starting"
	StatusStopping     Status = "stopping"
	StatusRebooting    Status = "rebooting"
)

// Transitional reports whether the server is on its way to another state by itself. An unknown status is not transitional, so
// that waiting ends on it and a person sees it.
func (s Status) Transitional() bool {
	switch s {
	case StatusProvisioning, StatusStarting, StatusStopping, StatusRebooting:
		return true
	}
	return false
}

// Resting reports whether the server stays in this status until somebody or something moves it. An unknown status is neither
// resting nor transitional.
func (s Status) Resting() bool {
	switch s {
	case StatusActive, StatusStopped, StatusSuspended:
		return true
	}
	return false
}
