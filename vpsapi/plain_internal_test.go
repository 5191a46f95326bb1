package vpsapi

import (
	"encoding/json"
	"strings"
	"testing"
)

func FuzzPlainJSONIsJSON(f *testing.F) {
	for _, text := range []string{
		`{"id":1,"a":[1.5,-2,0,"x\\\"y",true,false,null,{}],"b":[]}`, " [ ] ", `{"a":01}`, `{"a":1.}`, `{"a":-}`, `{"a" 1}`, `{,}`, `[1,]`, `"\u00e9"`, `1x`, `"`, "\"\n\"", "nul",
		" :1}", `{"a":1 "b":2}`, strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1), strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth), "",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if isPlainJSON(data) && (!json.Valid(data) || inspectDepth(data) != nil) {
			t.Errorf("%q was taken for JSON of little depth", data)
		}
	})
}

// What the API sends must go the short way, or there were no use in it.
func TestTheSpecificationsServerIsPlainJSON(t *testing.T) {
	const detail = ` {"id": 12345, "ip_address": null, "plan": {"id": 1, "storage": 80}, "backups_enabled": true, "resource_usage": {"cpu_percent": 23.5}, "tags": ["a", "b\\"]} `
	if !isPlainJSON([]byte(detail)) {
		t.Error("it is not")
	}
}
