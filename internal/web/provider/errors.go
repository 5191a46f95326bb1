package provider

import "fmt"

// UnavailableError says that the provider could not be asked. Nobody can sign
// in by it until it can; it is asked again by the next sign-in.
type UnavailableError struct {
	Issuer string
	Err    error
}

func (e *UnavailableError) Error() string {
	return fmt.Sprintf("the provider %s could not be asked: %v", e.Issuer, e.Err)
}

func (e *UnavailableError) Unwrap() error { return e.Err }

// RefusedError says that somebody came back from the provider, and not signed
// in. Problem is for the log and the audit trail, not for who came.
type RefusedError struct{ Problem string }

func (e *RefusedError) Error() string { return e.Problem }

func refused(format string, args ...any) error { return &RefusedError{fmt.Sprintf(format, args...)} }
