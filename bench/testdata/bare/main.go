// Command bare is what the program is measured beside: an mcp-go server whose
// one tool makes one GET with net/http and returns what came. It checks nothing
// and decides nothing.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

const input = `{"type":"object","properties":{"server":{"type":["integer","string"]}},"required":["server"]}`

func main() {
	s := server.NewMCPServer("bare", "1", server.WithToolCapabilities(false))
	s.AddTool(mcp.NewToolWithRawSchema("get_server", "Everything about one server.", []byte(input)), getServer)
	if len(os.Args) > 1 && os.Args[1] == "stdio" {
		if err := server.ServeStdio(s); err != nil {
			log.Fatal(err)
		}
		return
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("mcp:      http://%s/mcp\n", l.Addr())
	log.Fatal(http.Serve(l, server.NewStreamableHTTPServer(s, server.WithStateful(true))))
}

// api keeps as many connections as there are callers, as the program does.
var api = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

func getServer(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	address := fmt.Sprintf("%s/servers/%v/", os.Getenv("VPS_API_URL"), r.GetArguments()["server"])
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
	return mcp.NewToolResultText(string(body)), nil
}
