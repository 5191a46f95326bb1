package gosdk

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const reboot = "POST /api/v1/servers/12345/reboot/"

func TestEverythingOfferedCanBeRead(t *testing.T) {
	everyWay(t, func(t *testing.T, w way) {
		s := w.connect(t, nil)
		tools := 0
		for tool, err := range s.Tools(s.ctx, nil) {
			if err != nil {
				t.Fatal(err)
			}
			tools++
			if tool.OutputSchema == nil || tool.Annotations == nil || tool.Title == "" {
				t.Errorf("%s lacks a title, annotations or an output schema", tool.Name)
			}
		}
		if tools != 11 {
			t.Errorf("%d tools, want 11", tools)
		}
		for resource, err := range s.Resources(s.ctx, nil) {
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.ReadResource(s.ctx, &mcp.ReadResourceParams{URI: resource.URI}); err != nil {
				t.Errorf("%s: %v", resource.URI, err)
			}
		}
		asked, _ := s.call("reboot_server", map[string]any{"server": 12345})
		for _, uri := range []string{"vps://servers/12345", "vps://requests/" + asked.RequestID} {
			if got, err := s.ReadResource(s.ctx, &mcp.ReadResourceParams{URI: uri}); err != nil || !strings.Contains(got.Contents[0].Text, "web-server-01") {
				t.Errorf("%s: %+v, %v", uri, got, err)
			}
		}
		for _, uri := range []string{"vps://servers/1", "vps://requests/none", "vps://nothing"} {
			if _, err := s.ReadResource(s.ctx, &mcp.ReadResourceParams{URI: uri}); err == nil {
				t.Errorf("%s was read", uri)
			}
		}
		prompts := 0
		for prompt, err := range s.Prompts(s.ctx, nil) {
			if err != nil {
				t.Fatal(err)
			}
			prompts++
			got, err := s.GetPrompt(s.ctx, &mcp.GetPromptParams{Name: prompt.Name, Arguments: map[string]string{}})
			if err != nil || len(got.Messages) == 0 {
				t.Errorf("%s: %v", prompt.Name, err)
			}
		}
		if prompts != 4 {
			t.Errorf("%d prompts, want 4", prompts)
		}
		completed, err := s.Complete(s.ctx, &mcp.CompleteParams{
			Ref:      &mcp.CompleteReference{Type: "ref/prompt", Name: "incident"},
			Argument: mcp.CompleteParamsArgument{Name: "server", Value: "web-s"},
		})
		if err != nil || !slices.Contains(completed.Completion.Values, "web-server-01") {
			t.Errorf("%+v, %v", completed, err)
		}
	})
}

func TestEveryToolAnswers(t *testing.T) {
	everyWay(t, func(t *testing.T, w way) {
		s := w.connect(t, answering("accept", map[string]any{"confirm": true}))
		for _, c := range []struct {
			tool, want string
			arguments  map[string]any
		}{
			{"list_servers", "", map[string]any{"query": "web"}},
			{"get_server", "", map[string]any{"server": "web-server-01"}},
			{"list_options", "", map[string]any{"location": "us-west"}},
			{"create_server", "accepted", map[string]any{"name": "made-here", "plan_id": 1, "os_id": 3, "location": "us-west"}},
			{"update_server", "succeeded", map[string]any{"server": 12346, "backups_enabled": false}},
			{"stop_server", "succeeded", map[string]any{"server": 12346, "wait_seconds": 50}},
			{"start_server", "succeeded", map[string]any{"server": 12346, "wait_seconds": 50}},
			{"reboot_server", "succeeded", map[string]any{"server": 12346, "wait_seconds": 50}},
			{"delete_server", "pending", map[string]any{"server_id": 12346, "name": "db-server-01"}},
		} {
			o, result := s.call(c.tool, c.arguments)
			if result.IsError || o.Outcome != c.want {
				t.Fatalf("%s: %+v: %+v", c.tool, o, result.Content[0])
			}
			if c.tool == "delete_server" {
				if found, _ := s.call("get_request", map[string]any{"request_id": o.RequestID}); found.State != "pending" {
					t.Errorf("%+v", found)
				}
				if ended, _ := s.call("cancel_request", map[string]any{"request_id": o.RequestID}); ended.State != "cancelled" {
					t.Errorf("%+v", ended)
				}
			}
		}
	})
}

func TestDialogsMeanWhatTheySay(t *testing.T) {
	everyWay(t, func(t *testing.T, w way) {
		for _, c := range []struct {
			action, outcome string
			content         map[string]any
			writes          []string
		}{
			{"accept", "accepted", map[string]any{"confirm": true}, []string{reboot}},
			{"accept", "denied", map[string]any{"confirm": false}, nil},
			{"decline", "denied", nil, nil},
			{"cancel", "denied", nil, nil},
		} {
			s := w.connect(t, answering(c.action, c.content))
			if o, _ := s.call("reboot_server", map[string]any{"server": 12345}); o.Outcome != c.outcome {
				t.Errorf("%s %v: %+v, want %s", c.action, c.content, o, c.outcome)
			}
			s.wantWrites(c.writes...)
		}
	})
}

// A client that says it has no dialog and one that says it has, and fails.
func TestALyingClientSendsNothing(t *testing.T) {
	everyWay(t, func(t *testing.T, w way) {
		s := w.connect(t, &mcp.ClientOptions{
			ElicitationHandler: func(context.Context, *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
				return nil, errors.New("there is no dialog here")
			},
		})
		// What becomes of the call is the client's affair.
		_, _ = s.CallTool(s.ctx, &mcp.CallToolParams{Name: "reboot_server", Arguments: map[string]any{"server": 12345}})
		s.wantWrites()
	})
}

func TestAnUnansweredDialogSendsNothingAndBlocksNothing(t *testing.T) {
	everyWay(t, func(t *testing.T, w way) {
		shown, release := make(chan struct{}, 10), make(chan struct{})
		s := w.connect(t, &mcp.ClientOptions{
			ElicitationHandler: func(ctx context.Context, _ *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
				shown <- struct{}{}
				select {
				case <-release:
				case <-ctx.Done():
				}
				return &mcp.ElicitResult{Action: "cancel"}, nil
			},
		})
		ctx, cancel := context.WithCancel(s.ctx)
		called := make(chan error, 1)
		go func() {
			_, err := s.CallTool(ctx, &mcp.CallToolParams{Name: "reboot_server", Arguments: map[string]any{"server": 12345}})
			called <- err
		}()
		<-shown
		if _, result := s.call("get_server", map[string]any{"server": 12346}); result.IsError {
			t.Error("a read waits for the dialog")
		}
		cancel()
		close(release)
		<-called
		s.wantWrites()
	})
}

func TestACancelledWaitEndsAndTheRequestStands(t *testing.T) {
	everyWay(t, func(t *testing.T, w way) {
		s := w.connect(t, nil)
		asked, _ := s.call("delete_server", map[string]any{"server_id": 12346, "name": "db-server-01"})
		ctx, cancel := context.WithCancel(s.ctx)
		called := make(chan error, 1)
		go func() {
			_, err := s.CallTool(ctx, &mcp.CallToolParams{Name: "get_request", Arguments: map[string]any{"request_id": asked.RequestID, "wait_seconds": 50}})
			called <- err
		}()
		cancel()
		select {
		case err := <-called:
			if err == nil {
				t.Error("a cancelled call answered")
			}
		case <-time.After(20 * time.Second):
			t.Fatal("a cancelled call never ended")
		}
		if o, _ := s.call("get_request", map[string]any{"request_id": asked.RequestID}); o.State != "pending" {
			t.Errorf("%+v", o)
		}
	})
}

func TestProgressIsTold(t *testing.T) {
	everyWay(t, func(t *testing.T, w way) {
		told := make(chan float64, 100)
		options := answering("accept", map[string]any{"confirm": true})
		options.ProgressNotificationHandler = func(_ context.Context, r *mcp.ProgressNotificationClientRequest) { told <- r.Params.Progress }
		s := w.connect(t, options)
		params := &mcp.CallToolParams{Name: "reboot_server", Arguments: map[string]any{"server": 12345, "wait_seconds": 50}}
		params.SetProgressToken("how far")
		if _, err := s.CallTool(s.ctx, params); err != nil {
			t.Fatal(err)
		}
		select {
		case <-told:
		case <-time.After(10 * time.Second):
			t.Error("no progress was told")
		}
	})
}

func TestSubscribersAreTold(t *testing.T) {
	everyWay(t, func(t *testing.T, w way) {
		told := make(chan string, 100)
		s := w.connect(t, &mcp.ClientOptions{
			ResourceUpdatedHandler: func(_ context.Context, r *mcp.ResourceUpdatedNotificationRequest) { told <- r.Params.URI },
		})
		asked, _ := s.call("delete_server", map[string]any{"server_id": 12346, "name": "db-server-01"})
		uri := "vps://requests/" + asked.RequestID
		acknowledged := make(chan struct{})
		s.client.AddReceivingMiddleware(func(next mcp.MethodHandler) mcp.MethodHandler {
			return func(ctx context.Context, method string, r mcp.Request) (mcp.Result, error) {
				if method == "notifications/subscriptions/acknowledged" {
					close(acknowledged)
				}
				return next(ctx, method, r)
			}
		})
		if err := s.Subscribe(s.ctx, &mcp.SubscribeParams{URI: uri}); err != nil {
			t.Fatal(err)
		}
		if w.revision >= "2026-07-28" { // the client does not wait for it
			<-acknowledged
		}
		s.call("cancel_request", map[string]any{"request_id": asked.RequestID})
		select {
		case got := <-told:
			if got != uri {
				t.Errorf("was told of %s, want %s", got, uri)
			}
		case <-time.After(30 * time.Second):
			t.Error("was never told")
		}
	})
}

func TestARequestOutlivesTheConnectionThatWaitedForIt(t *testing.T) {
	for _, revision := range []string{"2026-07-28", "2025-11-25"} {
		t.Run(revision, func(t *testing.T) {
			w := way{"HTTP", revision}
			s := w.connect(t, nil)
			asked, _ := s.call("delete_server", map[string]any{"server_id": 12346, "name": "db-server-01"})
			wire := &wire{}
			s.open(&mcp.StreamableClientTransport{Endpoint: s.mcpURL, HTTPClient: wire.client(), MaxRetries: -1}, w, nil)
			ended := make(chan error, 1)
			go func(s *mcp.ClientSession, ctx context.Context) {
				_, err := s.CallTool(ctx, &mcp.CallToolParams{Name: "get_request", Arguments: map[string]any{"request_id": asked.RequestID, "wait_seconds": 50}})
				ended <- err
			}(s.ClientSession, s.ctx)
			wire.cut()
			if err := <-ended; err == nil {
				t.Error("a call whose connection was cut answered")
			}
			s.open(&mcp.StreamableClientTransport{Endpoint: s.mcpURL}, w, nil)
			if o, _ := s.call("get_request", map[string]any{"request_id": asked.RequestID}); o.State != "pending" {
				t.Errorf("%+v", o)
			}
			if o, _ := s.call("cancel_request", map[string]any{"request_id": asked.RequestID}); o.State != "cancelled" {
				t.Errorf("%+v", o)
			}
			s.wantWrites()
		})
	}
}
