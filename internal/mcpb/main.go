// Command mcpb packs the program as an MCP bundle, which Claude Desktop and
// others install by a click (https://github.com/anthropics/mcpb). A bundle is a
// zip file of a manifest and what it starts; this one holds one platform's
// program, and the same program makes the same bundle.
package main

import (
	"archive/zip"
	_ "embed"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
)

//go:embed manifest.json
var manifest []byte

func main() {
	binary := flag.String("binary", "bin/vpsops", "the program")
	goos := flag.String("os", "linux", "what it was built for, as Go names it")
	version := flag.String("version", "", "its version")
	out := flag.String("o", "dist/vpsops.mcpb", "the bundle")
	flag.Parse()
	if err := pack(*out, *binary, *goos, *version); err != nil {
		fmt.Fprintln(os.Stderr, "mcpb:", err)
		os.Exit(1)
	}
}

// platforms are the manifest's names of what Go names otherwise.
var platforms = map[string]string{"linux": "linux", "darwin": "darwin", "windows": "win32"}

func pack(out, binary, goos, version string) (err error) {
	text, name, err := manifestFor(goos, version)
	if err != nil {
		return err
	}
	program, err := os.ReadFile(binary)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(out), 0o750); err != nil {
		return err
	}
	f, err := os.Create(out)
	if err != nil {
		return err
	}
	if err := write(f, map[string][]byte{"manifest.json": text, name: program}); err != nil {
		_ = f.Close() // the first error says more
		return err
	}
	return f.Close()
}

// manifestFor is the manifest of one platform's bundle, and the program's path
// in it.
func manifestFor(goos, version string) (text []byte, name string, err error) {
	platform, ok := platforms[goos]
	if !ok {
		return nil, "", fmt.Errorf("there are no bundles for %s", goos)
	}
	var m map[string]any
	if err := json.Unmarshal(manifest, &m); err != nil {
		return nil, "", err
	}
	name = "server/vpsops"
	if goos == "windows" {
		name += ".exe"
	}
	m["version"] = semantic(version)
	m["compatibility"] = map[string]any{"platforms": []string{platform}}
	server, _ := m["server"].(map[string]any)
	config, _ := server["mcp_config"].(map[string]any)
	server["entry_point"], config["command"] = name, "${__dirname}/"+name
	text, err = json.MarshalIndent(m, "", "  ")
	return text, name, err
}

var version = regexp.MustCompile(`^v?(\d+\.\d+\.\d+.*)$`)

// semantic is a version as the manifest wants it. A build between releases has
// none.
func semantic(v string) string {
	if found := version.FindStringSubmatch(v); found != nil {
		return found[1]
	}
	if v == "" {
		v = "dev"
	}
	return "0.0.0-" + v
}

func write(w io.Writer, files map[string][]byte) error {
	z := zip.NewWriter(w)
	for _, name := range []string{"manifest.json", "server/vpsops", "server/vpsops.exe"} {
		content, ok := files[name]
		if !ok {
			continue
		}
		header := &zip.FileHeader{Name: name, Method: zip.Deflate}
		header.SetMode(0o755)
		part, err := z.CreateHeader(header)
		if err != nil {
			return err
		}
		if _, err := part.Write(content); err != nil {
			return err
		}
	}
	return z.Close()
}
