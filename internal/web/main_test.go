package web_test

import (
	"os"
	"testing"

	"vpsops/internal/leaktest"
)

func TestMain(m *testing.M) { os.Exit(leaktest.Run(m)) }
