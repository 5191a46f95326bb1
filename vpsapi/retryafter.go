package vpsapi

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxRetryAfter bounds what an APIError reports.
const maxRetryAfter = 24 * time.Hour

// retryAfter reads the Retry-After header in both of its forms (RFC 9110, 10.2.3). What is past, negative or unreadable is 0.
func retryAfter(header http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(header.Get("Retry-After"))
	if isDigits(text) {
		seconds, err := strconv.ParseInt(text, 10, 64)
		if err != nil { // all digits: it can only have overflowed
			seconds = math.MaxInt64
		}
		return time.Duration(min(seconds, int64(maxRetryAfter/time.Second))) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), maxRetryAfter)
}
