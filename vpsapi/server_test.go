package vpsapi_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"vpsops/vpsapi"
	"vpsops/vpsapi/sandbox"
)

// detail is the specification's example of a server in detail.
const detail = `{"id":12345,"name":"web-server-01","hostname":"web01.example.com","status":"active","ip_address":"203.0.113.10",` +
	`"ipv6_address":"2001:0db8::1","location":"us-west","plan":{"id":1,"name":"Standard VPS","vcpus":2,"memory":4096,"storage":80,"bandwidth":2048},` +
	`"os":{"id":5,"name":"Ubuntu 22.04 LTS"},"backups_enabled":true,` +
	`"resource_usage":{"cpu_percent":23.5,"memory_used":2048,"disk_used":35,"bandwidth_used":450},` +
	`"created_at":"2025-01-10T14:30:00Z","updated_at":"2025-01-16T15:45:00Z"}`

func TestTheSpecificationsServerIsReadWhole(t *testing.T) {
	var got vpsapi.Server
	if err := json.Unmarshal([]byte(detail), &got); err != nil {
		t.Fatal(err)
	}
	want := vpsapi.Server{
		ID: number(12345), Name: "web-server-01", Hostname: "web01.example.com", Status: vpsapi.StatusActive,
		IPAddress: "203.0.113.10", IPv6Address: "2001:0db8::1", Location: "us-west",
		Plan: vpsapi.ServerPlan{ID: number(1), Name: "Standard VPS", VCPUs: 2, Memory: 4096, Storage: 80, Bandwidth: 2048},
		OS:   vpsapi.OS{ID: number(5), Name: "Ubuntu 22.04 LTS"}, BackupsEnabled: ptr(true),
		ResourceUsage: &vpsapi.ResourceUsage{CPUPercent: 23.5, MemoryUsed: 2048, DiskUsed: 35, BandwidthUsed: 450},
		CreatedAt:     time.Date(2025, 1, 10, 14, 30, 0, 0, time.UTC), UpdatedAt: time.Date(2025, 1, 16, 15, 45, 0, 0, time.UTC),
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got  %+v\nwant %+v", got, want)
	}
}

func TestServersSurviveARoundTrip(t *testing.T) {
	for name, text := range map[string]string{
		"detail": detail,
		"row":    serverJSON("12345"),
		"created": `{"id":1,"name":"a","hostname":"","status":"provisioning","ip_address":null,"location":"us-west","plan":{"id":1,"name":"p","vcpus":1,"memory":1,"storage":1},` +
			`"os":{"id":1,"name":"o"},"backups_enabled":false,"created_at":"2025-01-10T14:30:00.123456Z","updated_at":"2025-01-10T16:30:00+02:00","message":"Server is being provisioned."}`,
		"other ids, an unknown status, unknown fields": `{"id":"6f9619ff-8b86-d011-b42d-00c04fc964ff","name":"a","hostname":"a","status":"migrating","ip_address":"203.0.113.1","location":"x",` +
			`"plan":{"id":"p-1","name":"p","vcpus":1,"memory":1,"storage":1},"os":{"id":98765432109876543210,"name":"o"},"created_at":"2025-01-10T14:30:00Z","updated_at":"2025-01-10T14:30:00Z",` +
			`"a\"b":null,"labels":{"b":[1,2.50,{"c":"\u00e9"}]},"rescue":true,"zero":0}`,
	} {
		t.Run(name, func(t *testing.T) {
			var server vpsapi.Server
			if err := json.Unmarshal([]byte(text), &server); err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(server)
			if err != nil || string(got) != text {
				t.Fatalf("got  %s\nwant %s\n%v", got, text, err)
			}
		})
	}
}

func TestServersOfTheSandboxSurviveARoundTrip(t *testing.T) {
	api := newAccount(t, sandbox.Options{Servers: 50})
	reader := newReader(t, api.url)
	for row, err := range reader.Servers(t.Context(), vpsapi.ServerFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		server, err := reader.GetServer(t.Context(), row.ID)
		if err != nil || len(server.Extra)+len(row.Extra) > 0 {
			t.Fatalf("%+v: %v", server, err)
		}
		for _, s := range []vpsapi.Server{row, server} {
			raw, err := json.Marshal(s)
			var back vpsapi.Server
			if err != nil || json.Unmarshal(raw, &back) != nil || !reflect.DeepEqual(back, s) {
				t.Fatalf("%s came back as %+v", raw, back)
			}
		}
	}
}

func TestOddServersAreReadOrRefused(t *testing.T) {
	for text, ok := range map[string]bool{
		`{"id":1}`: true,
		`{"id":1,"ip_address":null,"hostname":null,"plan":null,"os":null,"resource_usage":null,"created_at":null,"message":null}`: true,
		`{"id":1,"resource_usage":{"memory_used":2047.5,"cpu_percent":1e2,"new":[]}}`:                                             true,
		`{"id":1,"resource_usage":{"memory_used":1e300}}`:                                                                         false,
		`{"id":1,"resource_usage":[]}`:               false,
		`{"id":1,"created_at":""}`:                   true,
		`{"id":1,"created_at":"yesterday"}`:          false,
		`{"id":1,"updated_at":"yesterday"}`:          true,
		`{"id":1,"updated_at":1736519400}`:           false,
		`{"id":1,"backups_enabled":"yes"}`:           false,
		`{"id":1,"name":7}`:                          false,
		`{"id":1.5}`:                                 false,
		`{"id":"../x"}`:                              false,
		` { "id" : 1 , "name" : "\ud83d\ude00\\" } `: true,
		`[]`: false,
	} {
		err := json.Unmarshal([]byte(text), new(vpsapi.Server))
		if (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
	var server vpsapi.Server
	if err := json.Unmarshal([]byte(`{"id":1,"Name":"a","name":"b","NAME":"c"}`), &server); err != nil || server.Name != "b" || len(server.Extra) != 2 {
		t.Errorf("names of fields were not matched exactly: %+v, %v", server, err)
	}
}

// Of a field that stands twice the last counts, and is written once.
func TestAnUpdatedAtThatStandsTwiceIsWrittenOnce(t *testing.T) {
	for text, want := range map[string]string{
		`{"id":1,"updated_at":"x","updated_at":"2025-01-15T10:20:00Z"}`: `"updated_at":"2025-01-15T10:20:00Z"`,
		`{"id":1,"updated_at":"2025-01-15T10:20:00Z","updated_at":"x"}`: `"updated_at":"x"`,
	} {
		var server vpsapi.Server
		if err := json.Unmarshal([]byte(text), &server); err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(server)
		if err != nil || !strings.Contains(string(got), want) || strings.Count(string(got), "updated_at") != 1 {
			t.Errorf("%s became %s: %v", text, got, err)
		}
	}
}

func TestTextsOfTheAPIAreLeftAsTheyAreButValid(t *testing.T) {
	odd := "a\u202eb\u200b<!channel>`" + strings.Repeat("x", 10_000)
	quoted, _ := json.Marshal(odd)
	server, err := newReader(t, answer(t, 200, `{"id":12345,"name":`+string(quoted)+`,"hostname":"`+"\xff"+`","x":"`+"\xfe"+`"}`)).GetServer(t.Context(), number(12345))
	if err != nil || server.Name != odd {
		t.Fatalf("%q: %v", server.Name, err)
	}
	raw, err := json.Marshal(server)
	if err != nil || !utf8.ValidString(server.Hostname) || !utf8.Valid(raw) {
		t.Fatalf("not UTF-8: %q: %v", raw, err)
	}
}

func FuzzServerJSON(f *testing.F) {
	f.Add([]byte(detail))
	f.Add([]byte(serverJSON(`"a-b"`)))
	f.Add([]byte(`{"id":1,"x":{"y":[1,"\"}]"]},"name":"\\"}`))
	f.Add([]byte(`{"id":1,"":{}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var direct vpsapi.Server
		_ = direct.UnmarshalJSON(data) // not valid JSON, perhaps: must not panic
		var server vpsapi.Server
		if json.Unmarshal(data, &server) != nil {
			return
		}
		raw, err := json.Marshal(server)
		if err != nil {
			t.Fatalf("%q can't be written: %v", data, err)
		}
		var back vpsapi.Server
		if err := json.Unmarshal(raw, &back); err != nil {
			t.Fatalf("%s can't be read: %v", raw, err)
		}
		if again, err := json.Marshal(back); err != nil || string(again) != string(raw) {
			t.Fatalf("%s became %s: %v", raw, again, err)
		}
	})
}

func TestPricesAreKeptExactly(t *testing.T) {
	for raw, want := range map[string]struct {
		text  string
		cents int64
		known bool
		back  string
	}{
		`5.00`:                   {"5.00", 500, true, `5.00`},
		`"5.00"`:                 {"5.00", 500, true, `"5.00"`},
		`5`:                      {"5", 500, true, `5`},
		`0`:                      {"0", 0, true, `0`},
		`0.007`:                  {"0.007", 1, true, `0.007`},
		`"19.990"`:               {"19.990", 1999, true, `"19.990"`},
		`"19.991"`:               {"19.991", 2000, true, `"19.991"`},
		`"1.5"`:                  {"1.5", 150, true, `"1.5"`},
		`null`:                   {"unknown", 0, false, `null`},
		`""`:                     {"unknown", 0, false, `null`},
		`"free"`:                 {"unknown", 0, false, `null`},
		`-5.00`:                  {"unknown", 0, false, `null`},
		`5e2`:                    {"unknown", 0, false, `null`},
		`"$5"`:                   {"unknown", 0, false, `null`},
		`"5,00"`:                 {"unknown", 0, false, `null`},
		`"5."`:                   {"unknown", 0, false, `null`},
		`{}`:                     {"unknown", 0, false, `null`},
		`"99999999999999999999"`: {"99999999999999999999", 0, false, `"99999999999999999999"`},
		`"92233720368547758.07"`: {"92233720368547758.07", 0, false, `"92233720368547758.07"`},
		`"9223372036854775.00"`:  {"9223372036854775.00", 922337203685477500, true, `"9223372036854775.00"`},
	} {
		var price vpsapi.Price
		if err := json.Unmarshal([]byte(raw), &price); err != nil {
			t.Errorf("%s: %v", raw, err)
		}
		cents, known := price.Cents()
		back, err := json.Marshal(price)
		if price.String() != want.text || cents != want.cents || known != want.known || string(back) != want.back || err != nil {
			t.Errorf("%s: %s, %d cents, %t, %s, %v", raw, price, cents, known, back, err)
		}
		if price.Known() == price.IsZero() || price.Known() != (want.text != "unknown") {
			t.Errorf("%s: known %t", raw, price.Known())
		}
	}
}

func TestCompanionCalls(t *testing.T) {
	api := newAccount(t, sandbox.Options{Email: "ops@example.com"})
	reader := newReader(t, api.url)
	plans, err := reader.Plans(t.Context(), "")
	if err != nil || len(plans) == 0 {
		t.Fatalf("%v, %v", plans, err)
	}
	for _, plan := range plans {
		if _, known := plan.PriceMonthly.Cents(); plan.ID.IsZero() || plan.Name == "" || plan.VCPUs == 0 || plan.Memory == 0 || !known {
			t.Errorf("%+v", plan)
		}
		one, err := reader.GetPlan(t.Context(), plan.ID)
		if err != nil || !reflect.DeepEqual(one, plan) {
			t.Errorf("%+v, %v", one, err)
		}
	}
	if _, err := reader.GetPlan(t.Context(), number(987654)); !errors.Is(err, vpsapi.ErrNotFound) {
		t.Errorf("a plan that isn't there: %v", err)
	}
	account, err := reader.Account(t.Context())
	if err != nil || account.Email != "ops@example.com" {
		t.Errorf("%+v, %v", account, err)
	}
	if _, err := newReader(t, answer(t, 200, `{"email":"a"}`)).Account(t.Context()); !is[*vpsapi.UnexpectedAnswerError](err) {
		t.Errorf("no account: %v", err)
	}
	if _, err := newReader(t, answer(t, 200, `{"id":2}`)).GetPlan(t.Context(), number(1)); !is[*vpsapi.UnexpectedAnswerError](err) {
		t.Errorf("another plan: %v", err)
	}
}

func TestAPlanIsUnavailableByTheAPIsWordAlone(t *testing.T) {
	plans, err := newReader(t, answer(t, 200, `{"count":4,"results":[{"id":1},{"id":2,"available":true},{"id":3,"available":false},{"id":4,"available":null}]}`)).Plans(t.Context(), "")
	if err != nil || len(plans) != 4 {
		t.Fatalf("%+v, %v", plans, err)
	}
	none := vpsapi.Plan{Available: true}
	if err := json.Unmarshal([]byte(`null`), &none); err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{true, true, false, true, false} {
		if plan := append(plans, none)[i]; plan.Available != want {
			t.Errorf("plan %d: available %t, want %t", i+1, plan.Available, want)
		}
	}
}

func TestAPlansSizesAreRoundedAsAServersAre(t *testing.T) {
	const plan = `{"id":1,"name":"a","vcpus":1.5,"memory":2047.5,"storage":null,"bandwidth":1e3,"locations":["x"],"slug":"s","price_monthly":"5.00","new":1}`
	plans, err := newReader(t, answer(t, 200, `{"count":2,"results":[`+plan+`,{"id":2}]}`)).Plans(t.Context(), "")
	if err != nil || len(plans) != 2 {
		t.Fatalf("%+v, %v", plans, err)
	}
	price, _ := vpsapi.ParsePrice("5.00")
	want := vpsapi.Plan{ID: number(1), Name: "a", Slug: "s", VCPUs: 2, Memory: 2048, Bandwidth: 1000, PriceMonthly: price, Available: true, Locations: []string{"x"}}
	if !reflect.DeepEqual(plans[0], want) {
		t.Errorf("got  %+v\nwant %+v", plans[0], want)
	}
	for _, odd := range []string{`{"id":1,"memory":1e300}`, `{"id":1,"memory":"2048"}`, `{"id":1,"available":"yes"}`, `{"id":1,"locations":"x"}`} {
		if _, err := newReader(t, answer(t, 200, `{"count":1,"results":[`+odd+`]}`)).Plans(t.Context(), ""); !is[*vpsapi.UnexpectedAnswerError](err) {
			t.Errorf("%s: %v", odd, err)
		}
	}
}

func TestWritesSayWhatTheyAreToldAndReturnWhatTheyAreAnswered(t *testing.T) {
	api := newAccount(t, sandbox.Options{})
	w, ctx := newWriter(t, api.url), t.Context()
	server, err := w.CreateServer(ctx, vpsapi.CreateServerParams{
		Name: "web-02", PlanID: number(1), OSID: number(5), Location: "us-west", Hostname: "web02.example.com", SSHKeyID: ptr(number(7)), BackupsEnabled: ptr(true),
	})
	if err != nil || server.Status != vpsapi.StatusProvisioning || server.IPAddress != "" || server.Message == "" || !*server.BackupsEnabled {
		t.Fatalf("%+v, %v", server, err)
	}
	server, err = w.UpdateServer(ctx, number(12345), vpsapi.UpdateServerParams{Name: ptr("renamed"), BackupsEnabled: ptr(false)})
	if err != nil || server.Name != "renamed" || server.Hostname != "web01.example.com" {
		t.Fatalf("%+v, %v", server, err)
	}
	server, err = w.ReplaceServer(ctx, number(12345), vpsapi.ReplaceServerParams{Name: "again", Hostname: "a.example.com"})
	if err != nil || server.Name != "again" {
		t.Fatalf("%+v, %v", server, err)
	}
	result, err := w.RebootServer(ctx, number(12345))
	if err != nil || result.Server.Status != vpsapi.StatusRebooting || result.Message == "" {
		t.Fatalf("%+v, %v", result, err)
	}
	if _, err = w.StartServer(ctx, number(12346)); !errors.Is(err, vpsapi.ErrInvalid) {
		t.Fatalf("starting a running server: %v", err)
	}
	if err = w.DeleteServer(ctx, number(12346)); err != nil {
		t.Fatal(err)
	}
	if err = w.DeleteServer(ctx, number(12346)); !errors.Is(err, vpsapi.ErrNotFound) {
		t.Fatalf("deleting it again: %v", err)
	}
	want := []string{
		`{"name":"web-02","plan_id":1,"os_id":5,"location":"us-west","hostname":"web02.example.com","ssh_key_id":7,"backups_enabled":true}`,
		`{"name":"renamed","backups_enabled":false}`,
		`{"name":"again","hostname":"a.example.com","backups_enabled":false}`,
		``, ``, ``, ``,
	}
	for i, request := range api.Requests() {
		if request.Body != want[i] {
			t.Errorf("%s %s: %s", request.Method, request.Path, request.Body)
		}
	}
}
