package bench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// official builds the server of the official Go SDK, whose module is its own.
var official = sync.OnceValues(func() (string, error) {
	path := filepath.Join(folder, "officialsdk")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, ".")
	cmd.Dir = filepath.Join("testdata", "officialsdk")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	return path, cmd.Run()
})

// BenchmarkCallBesideOfficialSDK is BenchmarkCall with a bare server of the
// official Go SDK in the place of the bare mcp-go.
func BenchmarkCallBesideOfficialSDK(b *testing.B) {
	path, err := official()
	if err != nil {
		b.Fatal(err)
	}
	api := simulatedAPI(b, "--servers", "64")
	program := serve(b, api)
	for _, e := range eras {
		how := "stateless"
		if e.old {
			how = "http"
		}
		other := start(b, environment(b, api), "mcp", path, how)
		for _, connections := range []int{1, 64} {
			b.Run(fmt.Sprintf("era=%s/connections=%d", e.name, connections), func(b *testing.B) {
				ours := newCallers(b, e, connections, program.lines["mcp"])
				theirs := newCallers(b, e, connections, other.lines["mcp"])
				inTurns(b, ours.burst, theirs.burst, connections)
			})
		}
	}
}
