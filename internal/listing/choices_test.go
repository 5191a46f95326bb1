package listing_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"vpsops/internal/listing"
	"vpsops/vpsapi"
)

func TestNoChoiceIsMadeOfWhatTheAPIDoesNotKnow(t *testing.T) {
	const servers = `{"count": 2, "next": null, "previous": null, "results": [
		{"id": 1, "name": "a", "status": "active", "os": null, "location": null, "created_at": "2026-01-02T03:04:05Z"},
		{"id": 2, "name": "b", "status": "active", "os": {"id": 3, "name": "Debian 13"}, "location": "us-west", "created_at": "2026-01-02T03:04:05Z"}]}`
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path != "/servers/" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = io.WriteString(w, servers)
	}))
	defer api.Close()
	reader, err := vpsapi.NewReader(vpsapi.NewToken("vps_a_token"), vpsapi.WithBaseURL(api.URL))
	if err != nil {
		t.Fatal(err)
	}
	defer reader.CloseIdleConnections()
	choices, err := listing.ReadChoices(t.Context(), reader, "", func(*vpsapi.Server) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	if len(choices.Systems) != 1 || choices.Systems[0].Name != "Debian 13" || len(choices.Locations) != 1 || choices.Locations[0] != "us-west" {
		t.Errorf("the choices are %+v", choices)
	}
}
