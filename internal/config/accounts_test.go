package config_test

import (
	"strings"
	"testing"

	"vpsops/internal/config"
)

func TestASimulatedAPIMayHaveOneTokenForSeveralAccounts(t *testing.T) {
	cfg := load(t, config.Environ{"VPS_API_URL": "http://127.0.0.1:8322/api/v1", "VPS_API_TOKENS": "one:vps_sandbox,two:vps_sandbox"})
	if len(cfg.Accounts) != 2 || len(cfg.Warnings) != 1 || strings.Contains(cfg.Warnings[0], "vps_sandbox") {
		t.Errorf("accounts %v, warnings %q", cfg.Accounts, cfg.Warnings)
	}
}
