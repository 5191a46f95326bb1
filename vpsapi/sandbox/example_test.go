package sandbox_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"vpsops/vpsapi/sandbox"
)

// A reboot is carried out, and its answer lost. The log tells what the client
// can't know.
func Example() {
	sb := sandbox.New(sandbox.Options{})
	srv := httptest.NewServer(sb)
	defer srv.Close()

	plan, err := sandbox.ParseFaults([]byte(`[
		{"match": {"method": "POST", "path": "*/reboot/"}, "times": 1, "kind": "cut-after"}
	]`))
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := sb.SetFaults(plan); err != nil {
		fmt.Println(err)
		return
	}

	req, _ := http.NewRequest(http.MethodPost, srv.URL+sandbox.BasePath+"/servers/12345/reboot/", nil)
	req.Header.Set("Authorization", "Bearer "+sandbox.DefaultToken)
	_, err = http.DefaultClient.Do(req)
	fmt.Println("an answer came:", err == nil)

	for _, q := range sb.Requests() {
		fmt.Println(q.Method, q.Path, "status", q.Status, "executed", q.Executed)
	}
	// Output:
	// an answer came: false
	// POST /api/v1/servers/12345/reboot/ status 0 executed true
}
