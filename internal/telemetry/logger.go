// Package telemetry makes the program's logs and metrics.
package telemetry

import (
	"io"
	"log/slog"
)

// Log formats. The empty one is text where a person reads along, else JSON.
const (
	FormatText = "text"
	FormatJSON = "json"
)

// NewLogger returns a logger of records at level and above, a line each, in the
// format "text" or "json"; for any other it is text if w is a terminal and JSON if
// not. Names, reasons and messages from outside may stand in any attribute and
// in the message: whatever in them doesn't show as itself is written out, and a
// long one cut (see [vpsops/internal/inert.Text]).
//
// The logger is safe for concurrent use, and so w need not be.
func NewLogger(w io.Writer, level slog.Leveler, format string, isTerminal bool) *slog.Logger {
	if format != FormatText && format != FormatJSON {
		format = FormatJSON
		if isTerminal {
			format = FormatText
		}
	}
	if format == FormatText {
		return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: inertAttr(asText)}))
	}
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: inertAttr(asJSON)}))
}
