package card

import (
	"strconv"

	"vpsops/vpsapi"
)

// status is a server's status with a sign for the eye.
func status(s vpsapi.Status) md { return md(sign(s)) + " " + word(string(s)) }

func sign(s vpsapi.Status) string {
	switch {
	case s == vpsapi.StatusActive:
		return "🟢"
	case s == vpsapi.StatusStopped:
		return "⚫"
	case s == vpsapi.StatusSuspended:
		return "🔴"
	case s.Transitional():
		return "🟡"
	}
	return "⚪"
}

// memory is a number of megabytes as people say it.
func memory(mb int64) string {
	if mb >= 1024 && mb%512 == 0 {
		return strconv.FormatFloat(float64(mb)/1024, 'f', -1, 64) + " GB"
	}
	return strconv.FormatInt(mb, 10) + " MB"
}
