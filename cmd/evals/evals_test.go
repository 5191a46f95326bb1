package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
)

// actAs makes this test binary an assistant.
const actAs = "VPSOPS_EVALS_ACT_AS"

func TestMain(m *testing.M) {
	if script := os.Getenv(actAs); script != "" {
		if err := act(script); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// act is an assistant that calls one tool, "TOOL ARGUMENTS", by the
// configuration that it is given, and tells the user what it was told.
func act(script string) error {
	text, err := os.ReadFile(os.Args[len(os.Args)-1])
	if err != nil {
		return err
	}
	var config struct {
		Servers map[string]struct{ URL string } `json:"mcpServers"`
	}
	if err := json.Unmarshal(text, &config); err != nil {
		return err
	}
	t, err := transport.NewStreamableHTTP(config.Servers["vpsops"].URL)
	if err != nil {
		return err
	}
	ctx, c := context.Background(), client.NewClient(t)
	if err := c.Start(ctx); err != nil {
		return err
	}
	if _, err := c.Initialize(ctx, mcp.InitializeRequest{}); err != nil {
		return err
	}
	var r mcp.CallToolRequest
	tool, arguments, _ := strings.Cut(script, " ")
	r.Params.Name, r.Params.RawArguments = tool, json.RawMessage(arguments)
	result, err := c.CallTool(ctx, r)
	if err != nil {
		return err
	}
	content, ok := result.Content[0].(mcp.TextContent)
	if !ok {
		return errors.New("no text")
	}
	fmt.Println(content.Text)
	return c.Close()
}

func all(t *testing.T) []task {
	t.Helper()
	all, err := tasks("../../evals/tasks")
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func named(t *testing.T, name string) task {
	t.Helper()
	for _, task := range all(t) {
		if task.name == name {
			return task
		}
	}
	t.Fatalf("there is no task %s", name)
	return task{}
}

func TestEveryTaskCanBeDoneWithinItsCalls(t *testing.T) {
	for _, task := range all(t) {
		t.Run(task.name, func(t *testing.T) {
			t.Parallel()
			faults, _ := attempt(t.Context(), task, time.Minute, nil)
			for _, f := range faults {
				t.Error(f)
			}
		})
	}
}

// assistant has this test binary act as one.
func assistant(t *testing.T, script string) agent {
	t.Setenv(actAs, script)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return agent{program, "{prompt}", "{config}"}
}

func TestAnAssistantIsGivenTheTaskAndJudged(t *testing.T) {
	for _, c := range []struct{ task, script, fault string }{
		{"list_what_is_stopped", `list_servers {}`, ""},
		{"list_what_is_stopped", `get_server {"server":12345}`, "the user was not told"},
		{"start_what_is_stopped", `start_server {"server":"staging-web-1"}`, ""},
		{"start_what_is_stopped", `list_servers {}`, "the API was asked to change"},
		{"stop_what_is_stopped", `start_server {"server":"staging-web-1"}`, "the API was asked to change"},
		{"reboot_declined", `reboot_server {"server":12345,"wait_seconds":20}`, ""},
		{"reboot_by_name", `reboot_server {"server":12345,"wait_seconds":20}`, ""},
	} {
		t.Run(c.task+", "+c.script, func(t *testing.T) {
			faults, _ := attempt(t.Context(), named(t, c.task), time.Minute, assistant(t, c.script))
			if got := strings.Join(faults, "\n"); (got != "") != (c.fault != "") || !strings.Contains(got, c.fault) {
				t.Errorf("%q, want %q", got, c.fault)
			}
		})
	}
}

// The right call for something else than the user wanted is not what they
// wanted.
func TestAChangeIntoSomethingElseIsAFault(t *testing.T) {
	for _, c := range []struct {
		task     string
		argument string
		value    any
	}{
		{"create_a_small_server", "name", "build-2"},
		{"create_a_small_server", "plan_id", 1},
		{"create_a_small_server", "os_id", 4},
		{"create_a_small_server", "location", "us-east"},
		{"create_beyond_the_credit", "name", "giant-2"},
		{"backups_on", "backups_enabled", false},
		{"rename_confirmed_in_person", "name", "web-04"},
	} {
		t.Run(fmt.Sprintf("%s, %s %v", c.task, c.argument, c.value), func(t *testing.T) {
			t.Parallel()
			task := named(t, c.task)
			for i := range task.Servers { // so that there is something to turn off
				task.Servers[i].Backups = new(true)
			}
			for _, s := range task.Reference {
				if _, given := s.Args[c.argument]; given && s.Tool != "list_options" {
					s.Args[c.argument] = c.value
				}
			}
			faults, _ := attempt(t.Context(), task, time.Minute, nil)
			sent, err := json.Marshal(map[string]any{c.argument: c.value})
			if err != nil {
				t.Fatal(err)
			}
			if len(faults) != 1 || !strings.Contains(faults[0], "the API was asked to change") || !strings.Contains(faults[0], strings.Trim(string(sent), "{}")) {
				t.Errorf("%q, want one that tells of %s", faults, sent)
			}
		})
	}
}

func TestMoreCallsThanEnoughAreAFault(t *testing.T) {
	task := named(t, "list_what_is_stopped")
	task.Reference = append(task.Reference, task.Reference[0], task.Reference[0])
	faults, calls := attempt(t.Context(), task, time.Minute, nil)
	if len(faults) != 1 || !strings.Contains(faults[0], "calls of tools") || calls != 3 {
		t.Errorf("%d calls: %q", calls, faults)
	}
}
