package tools

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"vpsops/policy"
)

const mimeJSON = "application/json"

// address is what a vps:// address names: vps://KIND/ID?account=NAME.
type address struct{ id, account string }

// addressOf takes an address apart. The library's match of the template leaves
// percent signs as they came.
func addressOf(uri string) (address, error) {
	u, err := url.Parse(uri)
	if err != nil {
		return address{}, faultf("%s is no vps:// address", quote(uri))
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil || len(query["account"]) > 1 {
		return address{}, faultf("%s is no vps:// address: after the question mark stands account=NAME, once", quote(uri))
	}
	for name := range query {
		if name != "account" {
			return address{}, faultf("%s: a vps:// address takes account alone after its question mark, not %s", quote(uri), quote(name))
		}
	}
	return address{id: strings.TrimPrefix(u.Path, "/"), account: query.Get("account")}, nil
}

// addressed is the form of an address: with the account, where there are
// several.
func (t *toolset) addressed(uri string) string {
	if len(t.Desk.Accounts()) > 1 {
		uri += "{?account}"
	}
	return uri
}

// addTemplate offers the resources whose addresses have a form.
func (t *toolset) addTemplate(r mcp.ResourceTemplate, read server.ResourceHandlerFunc) {
	t.templates = append(t.templates, &r)
	t.mcp.AddResourceTemplate(r, server.ResourceTemplateHandlerFunc(read))
}

// checkAccount returns a *gate.NoAccountError for an address that names an account
// that there is not.
func (t *toolset) checkAccount(a address) error {
	if a.account == "" {
		return nil
	}
	_, err := t.Desk.Source(a.account)
	return err
}

// bounded gives a resource's handler as long as a tool has to read the API.
func (t *toolset) bounded(read server.ResourceHandlerFunc) server.ResourceHandlerFunc {
	return func(ctx context.Context, r mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
		ctx, cancel := t.within(ctx, readTime)
		defer cancel()
		return read(ctx, r)
	}
}

// contents are a resource's, as JSON.
func contents(uri string, v any) ([]mcp.ResourceContents, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return []mcp.ResourceContents{mcp.TextResourceContents{URI: uri, MIMEType: mimeJSON, Text: string(text)}}, nil
}

// unread answers a read that failed. The library sends an error's text as it
// is, so only an explanation may leave.
func (t *toolset) unread(ctx context.Context, actor policy.Actor, account string, err error) ([]mcp.ResourceContents, error) {
	if isMissing(err) {
		noteMissing(ctx)
	}
	return nil, errors.New(t.explain(ctx, actor, account, err))
}
