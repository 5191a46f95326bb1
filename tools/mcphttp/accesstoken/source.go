package accesstoken

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const maxDocument = 1 << 20 // bytes of the issuer's metadata or keys

// newClient asks issuers: within a time, and following nobody elsewhere.
func newClient() *http.Client {
	transport, ok := http.DefaultTransport.(*http.Transport)
	if ok {
		transport = transport.Clone()
	} else {
		transport = &http.Transport{Proxy: http.ProxyFromEnvironment}
	}
	transport.DisableKeepAlives = true // it asks every ten minutes at most
	return &http.Client{
		Transport:     transport,
		Timeout:       10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// source is where the issuer publishes its keys.
type source struct {
	issuer string
	client *http.Client
}

// keys finds the issuer's metadata and reads the keys that it points to.
func (s *source) keys(ctx context.Context) ([]jose.JSONWebKey, error) {
	address, err := s.address(ctx)
	if err != nil {
		return nil, err
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := s.get(ctx, address, &set); err != nil {
		return nil, err
	}
	var keys []jose.JSONWebKey
	for _, text := range set.Keys {
		var k jose.JSONWebKey
		// A key of a kind that isn't known is for others (RFC 7517, 5), and one
		// that is no public key signs nothing here.
		if err := json.Unmarshal(text, &k); err == nil && k.Valid() && k.IsPublic() && k.Use != "enc" {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("%s holds no public key that could sign", address)
	}
	return keys, nil
}

// address is that of the keys, by OpenID Connect Discovery or, where the
// issuer has none, by RFC 8414.
func (s *source) address(ctx context.Context) (string, error) {
	var faults []error
	for _, well := range wellKnown(s.issuer) {
		var doc struct {
			Issuer string `json:"issuer"`
			Keys   string `json:"jwks_uri"`
		}
		err := s.get(ctx, well, &doc)
		switch {
		case err != nil:
		case doc.Issuer != s.issuer:
			err = fmt.Errorf("%s is the metadata of another issuer: VPSOPS_OAUTH_ISSUER must be as it is written there, to the last slash", well)
		case !isSafe(doc.Keys):
			err = fmt.Errorf("%s has no https address of the keys (jwks_uri)", well)
		default:
			return doc.Keys, nil
		}
		faults = append(faults, err)
	}
	return "", errors.Join(faults...)
}

// wellKnown are the addresses at which an issuer may publish its metadata.
func wellKnown(issuer string) []string {
	u, err := url.Parse(issuer)
	if err != nil {
		return nil
	}
	path := strings.TrimSuffix(u.Path, "/")
	u.Path = path + "/.well-known/openid-configuration"
	first := u.String()
	u.Path = "/.well-known/oauth-authorization-server" + path
	return []string{first, u.String()}
}

// isSafe takes https, and http to this machine alone: whoever can change the
// keys on their way can make tokens.
func isSafe(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname())
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

func (s *source) get(ctx context.Context, address string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/json, application/jwk-set+json")
	resp, err := s.client.Do(req)
	if err != nil {
		var timeout net.Error
		if errors.As(err, &timeout) && timeout.Timeout() {
			return fmt.Errorf("%s did not answer in time", address)
		}
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %d", address, resp.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxDocument))
	if err != nil {
		return fmt.Errorf("%s could not be read: %w", address, err)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("%s answered no JSON that fits", address)
	}
	return nil
}
