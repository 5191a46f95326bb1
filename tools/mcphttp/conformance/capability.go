package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"
)

const samplingTool = "test_missing_capability"

// addNeedy adds the tool that needsSampling stands before.
func (f *fixtures) addNeedy() {
	f.tool(samplingTool, noArguments, func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return mcp.NewToolResultText("The client can sample."), nil
	})
}

// needsSampling answers for the suite's tool that cannot work without the
// client's sampling. The library turns every error of a tool into an internal
// one, so a tool that has such a need must refuse before it; none of the
// program's has.
func needsSampling(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Mcp-Name") != samplingTool {
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err != nil {
			http.Error(w, "the body could not be read", http.StatusBadRequest)
			return
		}
		var call struct {
			ID     json.RawMessage `json:"id"`
			Params struct {
				Name string `json:"name"`
				Meta struct {
					Capabilities map[string]json.RawMessage `json:"io.modelcontextprotocol/clientCapabilities"`
				} `json:"_meta"`
			} `json:"params"`
		}
		unread := json.Unmarshal(body, &call)
		if _, able := call.Params.Meta.Capabilities["sampling"]; able || unread != nil || call.Params.Name != samplingTool {
			r.Body = io.NopCloser(bytes.NewReader(body))
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]any{"jsonrpc": "2.0", "id": call.ID, "error": map[string]any{
			"code": mcp.MISSING_REQUIRED_CLIENT_CAPABILITY, "message": "this tool needs the client's sampling",
			"data": map[string]any{"requiredCapabilities": map[string]any{"sampling": struct{}{}}},
		}})
	})
}
