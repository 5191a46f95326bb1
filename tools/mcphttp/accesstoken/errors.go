package accesstoken

import "fmt"

// InvalidError refuses a token. Another token may be taken: the caller answers
// 401.
type InvalidError struct {
	Reason string // such as "it has expired": fixed words, nothing of the token
}

func (e *InvalidError) Error() string { return "the access token is refused: " + e.Reason }

func invalid(reason string) error { return &InvalidError{Reason: reason} }

// UnavailableError says that a token can be neither taken nor refused, since
// the issuer's keys are not at hand. It passes when the issuer answers again.
type UnavailableError struct {
	Issuer string
	Err    error
}

func (e *UnavailableError) Error() string {
	return fmt.Sprintf("the keys of the authorization server %s can't be had: %v", e.Issuer, e.Err)
}

func (e *UnavailableError) Unwrap() error { return e.Err }
