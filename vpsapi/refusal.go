package vpsapi

import (
	"net/http"
	"time"
)

// refusal is an answer that says no.
func (c *client) refusal(op *operation, got *answer) *APIError {
	message, fields := c.messageOf(got)
	return &APIError{
		Operation: op.name, StatusCode: got.status, Message: message, Fields: fields,
		RequestID: requestID(got.header), TokenName: c.tokenName, Attempts: 1, RetryAfter: retryAfter(got.header, time.Now()),
	}
}

func requestID(header http.Header) string {
	for _, name := range []string{"X-Request-Id", "X-Correlation-Id", "Cf-Ray"} {
		if id := header.Get(name); id != "" {
			return printable(id, maxRequestID)
		}
	}
	return ""
}
