package mcphttp

import (
	"encoding/json"
	"net/http"
	"strings"
)

// MetadataPath is where the protected resource's metadata is (RFC 9728, 3.1),
// in the form for the whole server and, with "/mcp" after it, for the endpoint.
const MetadataPath = "/.well-known/oauth-protected-resource"

const endpoint = "/mcp"

// base is the origin that clients call, as far as it is known. The Host has
// been compared with the list by then.
func (o *OAuth) base(r *http.Request) string {
	if o.PublicURL != "" {
		return strings.TrimSuffix(o.PublicURL, "/")
	}
	return "http://" + r.Host
}

func (o *OAuth) metadataURL(r *http.Request) string { return o.base(r) + MetadataPath + endpoint }

// Metadata tells clients which authorization server's tokens to bring. It
// refuses names that are not the server's, as the endpoint does.
func (o *OAuth) Metadata(allowedHosts []string) http.Handler {
	return ownHost(allowedHosts, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", "*") // it is public, and a client may be a page
		h.Set("X-Content-Type-Options", "nosniff")
		switch r.Method {
		case http.MethodGet, http.MethodHead:
		case http.MethodOptions:
			h.Set("Access-Control-Allow-Methods", "GET")
			h.Set("Access-Control-Allow-Headers", "Mcp-Protocol-Version")
			w.WriteHeader(http.StatusNoContent)
			return
		default:
			h.Set("Allow", "GET, HEAD, OPTIONS")
			refuse(w, http.StatusMethodNotAllowed, "the metadata can only be read")
			return
		}
		h.Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{ // the client has gone
			"resource":                 o.base(r) + endpoint,
			"resource_name":            "vpsops",
			"authorization_servers":    []string{o.Issuer},
			"scopes_supported":         []string{readScope, writeScope},
			"bearer_methods_supported": []string{"header"},
		})
	}))
}
