package vpsapi

import "fmt"

// PagingError is a list whose pages don't make sense: they loop, never end, or lead to another address, to which the token is not
// sent. What was yielded before it is part of the list. Nothing helps but the API's support, or a filter that makes the list
// short enough for one page.
type PagingError struct {
	Operation string
	Page      int    // counted from 1
	Reason    string // printable
}

func (e *PagingError) Error() string {
	return fmt.Sprintf("%s: page %d: %s", e.Operation, e.Page, e.Reason)
}
