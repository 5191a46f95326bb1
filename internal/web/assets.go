package web

import (
	"crypto/sha256"
	"encoding/base64"
	"io/fs"
	"net/http"
	"sync"
)

// assetTags are our own files' entity tags, by their names.
var assetTags = sync.OnceValue(func() map[string]string {
	tags := make(map[string]string)
	names, err := fs.Glob(files, "assets/*")
	if err != nil { // a pattern that is right
		panic(err)
	}
	for _, path := range names {
		content, err := files.ReadFile(path)
		if err != nil { // it is in this program
			panic(err)
		}
		sum := sha256.Sum256(content)
		tags[path[len("assets/"):]] = `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	}
	return tags
})

// serveAsset has browsers keep a file, and ask each time whether it is still the same.
// Names with a hash in them would spare the asking, but while replicas are upgraded one
// serves the page and another, of the version before, what the page names.
func (p *page) serveAsset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	tag, ours := assetTags()[name]
	if !ours {
		p.notFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "private, no-cache")
	w.Header().Set("ETag", tag)
	http.ServeFileFS(w, r, files, "assets/"+name)
}
