package tools_test

import (
	"log/slog"
	"os"
	"testing"

	"vpsops/internal/leaktest"
)

func TestMain(m *testing.M) {
	// The library's test client logs the end of its pipe.
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(leaktest.Run(m))
}
