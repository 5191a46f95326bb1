package provider

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"slices"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// ask reads the provider's metadata (OpenID Connect Discovery 1.0, 4).
func (p *Provider) ask(ctx context.Context) (*endpoints, error) {
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, p.config.Client), p.config.Issuer)
	if err != nil {
		return nil, err
	}
	var doc struct {
		Keys     string   `json:"jwks_uri"`
		Methods  []string `json:"token_endpoint_auth_methods_supported"`
		PKCE     []string `json:"code_challenge_methods_supported"`
		NamesIss bool     `json:"authorization_response_iss_parameter_supported"`
	}
	if err := found.Claims(&doc); err != nil {
		return nil, err
	}
	end := found.Endpoint()
	for name, address := range map[string]string{"authorization_endpoint": end.AuthURL, "token_endpoint": end.TokenURL, "jwks_uri": doc.Keys} {
		if !isSafe(address) {
			return nil, fmt.Errorf("its metadata has no https address as %s", name)
		}
	}
	if doc.PKCE != nil && !slices.Contains(doc.PKCE, "S256") {
		return nil, fmt.Errorf("its metadata takes no PKCE by S256")
	}
	end.AuthStyle = authStyle(p.config.ClientSecret, doc.Methods)
	// The keys are asked for whenever a token names one that is not known, by
	// sign-ins that come long after this one's context has ended.
	keys := oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), p.config.Client), doc.Keys)
	return &endpoints{Endpoint: end, keys: keys, namesIss: doc.NamesIss}, nil
}

// authStyle is how the client says who it is. Trying one after the other would
// use the code up by the first.
func authStyle(secret string, methods []string) oauth2.AuthStyle {
	basic := len(methods) == 0 || slices.Contains(methods, "client_secret_basic") // the default where none is said
	if secret != "" && basic {
		return oauth2.AuthStyleInHeader
	}
	return oauth2.AuthStyleInParams
}

// isSafe takes https, and http to this machine alone: whoever can change an
// answer on its way can sign anybody in.
func isSafe(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	loopback := u.Hostname() == "localhost" || err == nil && ip.Unmap().IsLoopback()
	return u.Scheme == "https" || u.Scheme == "http" && loopback
}

// newClient asks the provider within a time, follows nobody elsewhere, and
// reads no endless answer.
func newClient() *http.Client {
	return &http.Client{
		Transport:     capped{http.DefaultTransport},
		Timeout:       askWithin,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// capped bounds what is read of an answer.
type capped struct{ next http.RoundTripper }

func (c capped) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := c.next.RoundTrip(r)
	if err == nil {
		resp.Body = &cappedBody{io.LimitReader(resp.Body, maxDocBody), resp.Body}
	}
	return resp, err
}

type cappedBody struct {
	io.Reader
	io.Closer
}
