//go:build postgres && unix && !linux

package pgtest

import "errors"

const (
	fullSize = 0
	noLimit  = 0
)

var errNoDisk = errors.New("pgtest: disks can be filled on Linux alone")

func mount(string) error { return errNoDisk }

func unmount(string) error { return errNoDisk }

func fill(string) error { return errNoDisk }

func free(string) error { return errNoDisk }

func limitFiles(int, uint64) error { return errNoDisk }
