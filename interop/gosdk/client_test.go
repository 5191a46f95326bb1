package gosdk

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const reboot = "POST /api/v1/servers/12345/reboot/"

var deletion = map[string]any{"server_id": 12346, "name": "db-server-01"}

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
			{"delete_server", "pending", deletion},
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

// A client that opens pages is sent to the one where a delete waits. That its
// person looks at it or not decides nothing.
func TestPagesThatAreOpenedOrNotDecideNothing(t *testing.T) {
	everyWay(t, func(t *testing.T, w way) {
		for _, action := range []string{"accept", "decline", "cancel"} {
			var asked []*mcp.ElicitParams
			s := w.connect(t, withPages(func(_ context.Context, r *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
				asked = append(asked, r.Params)
				return &mcp.ElicitResult{Action: action}, nil
			}))
			first, _ := s.call("delete_server", deletion)
			if first.State != "pending" || len(asked) != 1 || asked[0].Mode != "url" || !strings.HasSuffix(asked[0].URL, "/requests/"+first.RequestID) {
				t.Fatalf("%s: %+v, asked for %+v", action, first, asked)
			}
			if again, _ := s.call("delete_server", deletion); again != first || len(asked) != 1 {
				t.Errorf("%s: asked again %d times, for %+v", action, len(asked)-1, again)
			}
			s.wantWrites()
		}
	})
}

func TestAnUnansweredDialogSendsNothingAndBlocksNothing(t *testing.T) {
	for _, c := range []struct {
		tool      string
		arguments map[string]any
	}{
		{"reboot_server", map[string]any{"server": 12345}}, // in a form
		{"delete_server", deletion},                        // on a page
	} {
		t.Run(c.tool, func(t *testing.T) {
			everyWay(t, func(t *testing.T, w way) {
				shown, release := make(chan struct{}, 10), make(chan struct{})
				s := w.connect(t, withPages(func(ctx context.Context, _ *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
					shown <- struct{}{}
					select {
					case <-release:
					case <-ctx.Done():
					}
					return &mcp.ElicitResult{Action: "cancel"}, nil
				}))
				ctx, cancel := context.WithCancel(s.ctx)
				called := make(chan error, 1)
				go func() {
					_, err := s.CallTool(ctx, &mcp.CallToolParams{Name: c.tool, Arguments: c.arguments})
					called <- err
				}()
				<-shown
				if _, result := s.call("get_server", map[string]any{"server": 12346}); result.IsError {
					t.Error("a read waits for the dialog")
				}
				cancel()
				close(release)
				<-called
				s.wantLetGo(c.tool)
				s.wantWrites()
			})
		})
	}
}

func TestACancelledWaitEndsAndTheRequestStands(t *testing.T) {
	everyWay(t, func(t *testing.T, w way) {
		s := w.connect(t, nil)
		asked, _ := s.call("delete_server", deletion)
		ctx, cancel := context.WithCancel(s.ctx)
		called := s.beginWaiting(ctx, asked.RequestID)
		cancel()
		if err := <-called; err == nil {
			t.Error("a cancelled call answered")
		}
		s.wantLetGo("get_request")
		if o, _ := s.call("get_request", map[string]any{"request_id": asked.RequestID}); o.State != "pending" {
			t.Errorf("%+v", o)
		}
	})
}

// The cancellation is the message after the call.
func TestAWaitThatIsCancelledAtOnceEnds(t *testing.T) {
	for _, revision := range revisions {
		t.Run(revision, func(t *testing.T) {
			t.Parallel()
			s := newSession(t)
			ctx, cancel := context.WithCancel(s.ctx)
			written := make(chan struct{})
			s.between = func(t mcp.Transport) mcp.Transport {
				return holdingBack{t, func(m jsonrpc.Message) bool {
					r, ok := m.(*jsonrpc.Request)
					if ok = ok && strings.Contains(string(r.Params), "wait_seconds"); ok {
						cancel()
					}
					return ok
				}, written}
			}
			s.start(way{"stdio", revision}, nil, environment(t.TempDir()), "mcp", "--sandbox")
			asked, _ := s.call("delete_server", deletion)
			wait := map[string]any{"request_id": asked.RequestID, "wait_seconds": 50}
			if _, err := s.CallTool(ctx, &mcp.CallToolParams{Name: "get_request", Arguments: wait}); err == nil {
				t.Error("a cancelled call answered")
			}
			<-written
			if o, _ := s.call("get_request", map[string]any{"request_id": asked.RequestID}); o.State != "pending" {
				t.Errorf("%+v", o)
			}
			// The end of the input ends no call: a program that waits is one that
			// the client has to kill.
			began := time.Now()
			if err := s.Close(); err != nil || time.Since(began) >= patience/2 {
				t.Errorf("it took %v to end: %v", time.Since(began), err)
			}
		})
	}
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
		asked, _ := s.call("delete_server", deletion)
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
	for _, revision := range revisions {
		t.Run(revision, func(t *testing.T) {
			t.Parallel()
			w := way{"HTTP", revision}
			s := w.connect(t, nil)
			asked, _ := s.call("reboot_server", map[string]any{"server": 12345})
			wire := &wire{}
			s.open(&mcp.StreamableClientTransport{Endpoint: s.mcpURL, HTTPClient: wire.client(), MaxRetries: -1}, w, nil)
			ended := s.beginWaiting(s.ctx, asked.RequestID)
			wire.cut()
			if err := <-ended; err == nil {
				t.Error("a call whose connection was cut answered")
			}
			s.wantLetGo("get_request")
			s.open(&mcp.StreamableClientTransport{Endpoint: s.mcpURL}, w, answering("accept", map[string]any{"confirm": true}))
			s.wantAnswered(asked.RequestID)
		})
	}
}

func TestARequestOutlivesTheProcessThatWaitedForIt(t *testing.T) {
	for _, revision := range revisions {
		t.Run(revision, func(t *testing.T) {
			t.Parallel()
			w := way{"stdio", revision}
			s := newSession(t)
			home := t.TempDir()
			out := s.run(environment(home), "sandbox", "--listen", "127.0.0.1:0")
			s.api = out.wait(t, `(?m)^api: +(http:\S+)`)
			env := append(environment(home), "VPSOPS_STORE="+filepath.Join(home, "ledger.db"),
				"VPS_API_URL="+s.api, "VPS_API_TOKEN="+out.wait(t, `(?m)^token: +(\S+)`))

			s.start(w, nil, env, "mcp")
			asked, _ := s.call("reboot_server", map[string]any{"server": 12345})
			ended := s.beginWaiting(s.ctx, asked.RequestID)
			if err := s.process.Kill(); err != nil {
				t.Fatal(err)
			}
			if err := <-ended; err == nil {
				t.Error("a call whose server was killed answered")
			}
			s.start(w, answering("accept", map[string]any{"confirm": true}), env, "mcp")
			s.wantAnswered(asked.RequestID)
		})
	}
}

// wantAnswered fails the test unless a reboot waits as it did, and is carried
// out as that request once the person says yes.
func (s *session) wantAnswered(request string) {
	s.t.Helper()
	if o, _ := s.call("get_request", map[string]any{"request_id": request}); o.State != "pending" {
		s.t.Errorf("%+v", o)
	}
	s.wantWrites()
	if o, _ := s.call("reboot_server", map[string]any{"server": 12345}); o.RequestID != request || o.Outcome != "accepted" {
		s.t.Errorf("%+v, want %s accepted", o, request)
	}
	s.wantWrites(reboot)
}
