//go:build !linux

package main

import (
	"errors"
	"os"
	"syscall"
)

var atTerminal *syscall.SysProcAttr

func openTerminal() (ours, theirs *os.File, err error) {
	return nil, nil, errors.ErrUnsupported
}

func modesOf(*os.File) (struct{}, error) { return struct{}{}, errors.ErrUnsupported }
