package tools

import (
	"encoding/json"

	"github.com/mark3labs/mcp-go/mcp"
)

// CalledTool tells which tool a message calls, and of which revision of the protocol
// it says that it is: "" where its _meta names none, as before 2026-07-28. It is not ok
// where the message calls none, or the library can't read it either.
func CalledTool(message []byte) (tool, revision string, ok bool) {
	if tool, revision, ok := flatCall(string(message)); ok {
		return tool, revision, tool != ""
	}
	var m struct {
		Method string       `json:"method"`
		Params calledParams `json:"params"`
	}
	if json.Unmarshal(message, &m) != nil || m.Method != string(mcp.MethodToolsCall) {
		return "", "", false
	}
	return m.Params.Name, m.Params.Meta.ProtocolVersion(), true
}

// calledParams are those of a call as the library reads them where they come twice: it
// calls the tool of the last ones, and puts their _meta together.
type calledParams struct {
	Name string    `json:"name"`
	Meta *mcp.Meta `json:"_meta"`
}

func (p *calledParams) UnmarshalJSON(data []byte) error {
	type plain calledParams
	next := plain{Meta: p.Meta}
	err := json.Unmarshal(data, &next)
	*p = calledParams(next)
	return err
}

// flatCall reads a message as most clients write a call (see [flatObject]); tool is ""
// where it is no call. It is for speed alone: where it isn't ok, encoding/json is to be
// asked, which also knows what comes twice or is written in other capitals.
func flatCall(text string) (tool, revision string, ok bool) {
	var protocol, id, method, params string
	if !flatFields(text, field{"jsonrpc", &protocol}, field{"id", &id}, field{"method", &method}, field{"params", &params}) {
		return "", "", false
	}
	if method, ok = unquotedFlat(method); !ok || method != string(mcp.MethodToolsCall) {
		return "", "", ok
	}
	var arguments, meta string
	if !flatFields(params, field{"name", &tool}, field{"arguments", &arguments}, field{"_meta", &meta}) {
		return "", "", false
	}
	if tool, ok = unquotedFlat(tool); !ok || meta == "" {
		return tool, "", ok
	}
	if flatObject(meta, 0, func(name, value string) {
		if name == mcp.MetaKeyProtocolVersion {
			revision = value
		}
	}) == 0 {
		return "", "", false
	}
	if revision != "" {
		revision, ok = unquotedFlat(revision)
	}
	return tool, revision, ok
}

// field is a member of an object, and where its value goes as it is written.
type field struct {
	name string
	into *string
}

// flatFields reads an object that has no members but those, each once at most.
func flatFields(text string, fields ...field) (ok bool) {
	known := true
	length := flatObject(text, 0, func(name, value string) {
		for _, f := range fields {
			if f.name == name && *f.into == "" {
				*f.into = value
				return
			}
		}
		known = false
	})
	return known && length > 0 && length == len(text)
}

// unquotedFlat returns what stands in a text that [flatObject] has read; it isn't ok
// where that is empty, or no text.
func unquotedFlat(value string) (text string, ok bool) {
	if len(value) < len(`"x"`) || value[0] != '"' {
		return "", false
	}
	return value[1 : len(value)-1], true
}
