package deploy_test

import (
	"context"
	"net/http/httptest"
	"regexp"
	"testing"
	"time"

	"vpsops/vpsapi"
	"vpsops/vpsapi/sandbox"
)

// The alert counts calls by their outcome: whichever way the API fails, it has to be one of those that it names.
func TestTheAlertOnTheAPISeesEveryWayItFails(t *testing.T) {
	found := regexp.MustCompile(`api_calls_total\{outcome=~"([a-z_|]+)"\}`).FindStringSubmatch(string(read(t, "prometheus/alerts.yaml")))
	if found == nil {
		t.Fatal("no alert counts the API's calls by their outcome")
	}
	counted := regexp.MustCompile("^(" + found[1] + ")$")
	const short = time.Millisecond // nothing answers in it, or later
	for name, c := range map[string]struct {
		fault      sandbox.Fault
		try, whole time.Duration
		isCounted  bool
	}{
		"it hangs":                               {sandbox.Fault{Kind: sandbox.KindHangAfter}, short, time.Minute, true},
		"it hangs past the caller's time":        {sandbox.Fault{Kind: sandbox.KindHangAfter}, time.Minute, short, true},
		"it sends a body without end":            {sandbox.Fault{Kind: sandbox.KindSlowBody, Delay: time.Hour}, short, time.Minute, true},
		"it cuts connections":                    {sandbox.Fault{Kind: sandbox.KindCutBefore}, time.Minute, time.Minute, true},
		"it answers with a page":                 {sandbox.Fault{Kind: sandbox.KindGarbage}, time.Minute, time.Minute, true},
		"it answers that something is wrong":     {sandbox.Fault{Kind: sandbox.KindStatus, Status: 503}, time.Minute, time.Minute, true},
		"it answers that there is no such thing": {sandbox.Fault{Kind: sandbox.KindStatus, Status: 404}, time.Minute, time.Minute, false},
	} {
		t.Run(name, func(t *testing.T) {
			api := sandbox.New(sandbox.Options{Token: "vps_a_token"})
			if err := api.SetFaults([]sandbox.Fault{c.fault}); err != nil {
				t.Fatal(err)
			}
			server := httptest.NewServer(api)
			defer server.Close()
			var outcome vpsapi.Outcome
			reader, err := vpsapi.NewReader(vpsapi.NewToken("vps_a_token"), vpsapi.WithBaseURL(server.URL+sandbox.BasePath), vpsapi.WithReadTimeout(c.try),
				vpsapi.WithBackoff(func(int) time.Duration { return 0 }),
				vpsapi.WithObserver(func(_ context.Context, call vpsapi.CallInfo) { outcome = call.Outcome }))
			if err != nil {
				t.Fatal(err)
			}
			defer reader.CloseIdleConnections()
			ctx, cancel := context.WithTimeout(t.Context(), c.whole)
			defer cancel()
			if _, err := reader.GetServer(ctx, vpsapi.NumberID(12345)); err == nil || counted.MatchString(string(outcome)) != c.isCounted {
				t.Errorf("the outcome is %q, the alert counts %s: %v", outcome, found[1], err)
			}
		})
	}
}
