package webhook

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"vpsops/slackbot/delivery"
)

// maxProbe bounds what is read of a request that isn't signed.
const maxProbe = 4 << 10

// authentic returns the body once its signature holds, and the MAC. Slack's
// look at the certificate comes unsigned and passes: it does nothing.
func (h *webhook) authentic(ctx context.Context, w http.ResponseWriter, r *http.Request) ([]byte, [sha256.Size]byte, error) {
	s, refused := signatureOf(r.Header, h.Now())
	limit := h.MaxBody
	if refused != nil {
		limit = min(limit, maxProbe)
	}
	body, err := read(ctx, w, r, limit)
	switch {
	case err != nil && refused != nil:
		return nil, s.mac, refused
	case err != nil:
		return nil, s.mac, err
	}
	if refused == nil && !s.signed(h.SigningSecrets, body) {
		refused = &refusal{http.StatusUnauthorized, WrongSignature}
	}
	if refused != nil && !isProbe(kinds[r.URL.Path], body) {
		return nil, s.mac, refused
	}
	return body, s.mac, nil
}

// read returns the body as it was sent: the signature is of these bytes.
func read(ctx context.Context, w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if deadline, ok := ctx.Deadline(); ok {
		// Where it can't be set, the server's own time-out for reading holds.
		_ = http.NewResponseController(w).SetReadDeadline(deadline.Add(time.Millisecond))
	}
	var body bytes.Buffer
	if 0 < r.ContentLength && r.ContentLength <= limit {
		body.Grow(int(r.ContentLength) + bytes.MinRead)
	}
	_, err := io.Copy(&body, http.MaxBytesReader(w, r.Body, limit))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, &refusal{http.StatusRequestEntityTooLarge, TooLarge}
	}
	if err != nil {
		return nil, &refusal{http.StatusBadRequest, Malformed}
	}
	return body.Bytes(), nil
}

// isProbe recognises Slack's look at a command URL's certificate, which carries
// ssl_check=1 and is no command whatever else it carries (Slack, "Slash
// commands").
func isProbe(kind delivery.Kind, body []byte) bool {
	if kind != delivery.Command || !bytes.Contains(body, []byte("ssl_check")) {
		return false
	}
	form, err := url.ParseQuery(string(body))
	return err == nil && form.Get("ssl_check") == "1"
}
