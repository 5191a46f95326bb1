//go:build postgres && unix && !linux

package pgtest

import "errors"

const (
	fullSize = ""
	noLimit  = ""
)

var errNoDisk = errors.New("pgtest: disks can be filled on Linux alone")

func mount(string) error { return errNoDisk }

func unmount(string) error { return errNoDisk }

func fill(string) error { return errNoDisk }

func free(string) error { return errNoDisk }

func (*Server) limitFiles(string) error { return errNoDisk }
