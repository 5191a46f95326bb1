// Command officialsdk is what the program is measured beside: a server of the
// official Go SDK whose one tool makes one GET with net/http and returns what
// came. It is a module of its own, so that the program needs nothing of it.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const input = `{"type":"object","properties":{"server":{"type":["integer","string"]}},"required":["server"]}`

func main() {
	s := mcp.NewServer(&mcp.Implementation{Name: "official", Version: "1"}, nil)
	s.AddTool(&mcp.Tool{Name: "get_server", Description: "Everything about one server.", InputSchema: json.RawMessage(input)}, getServer)
	if len(os.Args) > 1 && os.Args[1] == "stdio" {
		if err := s.Run(context.Background(), &mcp.StdioTransport{}); err != nil {
			log.Fatal(err)
		}
		return
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("mcp:      http://%s/mcp\n", l.Addr())
	// It serves the newer era where it keeps no sessions, and no older one's then.
	options := &mcp.StreamableHTTPOptions{Stateless: len(os.Args) > 1 && os.Args[1] == "stateless"}
	log.Fatal(http.Serve(l, mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return s }, options)))
}

// api keeps as many connections as there are callers, as the program does.
var api = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

func getServer(ctx context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	var arguments struct {
		Server json.RawMessage `json:"server"`
	}
	if err := json.Unmarshal(r.Params.Arguments, &arguments); err != nil {
		return nil, err
	}
	address := fmt.Sprintf("%s/servers/%s/", os.Getenv("VPS_API_URL"), arguments.Server)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+os.Getenv("VPS_API_TOKEN"))
	resp, err := api.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: string(body)}}}, nil
}
