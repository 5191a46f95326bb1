package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"vpsops/internal/config"
)

func TestSecretsCannotBePrinted(t *testing.T) {
	const canary = "vps_CANARY"
	type nested struct {
		Exported config.Secret
		hidden   config.Secret
	}
	secret := config.NewSecret(canary)
	cfg, err := config.Load(t.Context(), config.Environ{
		"VPS_API_TOKEN": canary, "VPSOPS_KEY": someKey, "VPSOPS_STORE": "postgres://u:CANARY@db/x",
		"SLACK_BOT_TOKEN": "xoxb-CANARY",
	})
	if err != nil {
		t.Fatal(err)
	}
	key, err := cfg.Key()
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]any{
		"a secret":      secret,
		"its address":   &secret,
		"in a struct":   nested{secret, secret},
		"in a map":      map[string]config.Secret{"x": secret},
		"a slice":       []config.Secret{secret},
		"a key":         key,
		"a key inside":  struct{ k config.Key }{key},
		"the whole lot": cfg,
	} {
		var out bytes.Buffer
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("", "v", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("", "v", v)
		if b, err := json.Marshal(v); err == nil {
			out.Write(b)
		}
		fmt.Fprintln(&out, fmt.Errorf("wrapped: %v", v))
		hexKey := fmt.Sprintf("%x", key.Bytes())
		for _, leak := range []string{"CANARY", fmt.Sprintf("%x", "CANARY"), fmt.Sprintf("%X", "CANARY"), someKey, hexKey, string(key.Bytes())} {
			if strings.Contains(out.String(), leak) {
				t.Errorf("%s: the value is printed: %s", name, out.String())
				break
			}
		}
	}
	if got := secret.Reveal(); got != canary {
		t.Errorf("Reveal gave %q", got)
	}
}

func TestUnsetSecret(t *testing.T) {
	var zero config.Secret
	if zero.IsSet() || zero.Reveal() != "" || config.NewSecret("").IsSet() || !config.NewSecret("x").IsSet() {
		t.Error("set and unset are mixed up")
	}
}

func TestWhereADatabaseIsIsSaidWithoutItsPassword(t *testing.T) {
	for address, want := range map[string]string{
		"postgres://u:hunter2@db.example.com:5433/ops?sslmode=disable": "PostgreSQL (ops at db.example.com:5433)",
		"postgres://vpsops:hunter2@db.example.com?sslmode=disable":     "PostgreSQL (vpsops at db.example.com:5432)",
	} {
		cfg, err := config.Load(t.Context(), config.Environ{"VPSOPS_STORE": address})
		if err != nil {
			t.Fatal(err)
		}
		if got := cfg.Store.Place(); got != want {
			t.Errorf("it is called %q, not %q", got, want)
		}
	}
}
