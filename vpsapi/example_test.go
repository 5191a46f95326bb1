package vpsapi_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http/httptest"
	"os"
	"time"

	"vpsops/vpsapi"
	"vpsops/vpsapi/sandbox"
)

// startAPI is the simulated API, so that the examples run.
func startAPI() (url string, stop func()) {
	server := httptest.NewServer(sandbox.New(sandbox.Options{Token: "vps_example", Speed: 10_000}))
	return server.URL + sandbox.BasePath, server.Close
}

func ExampleNewReader() {
	// The token is read from the environment; against the real API no other option is needed.
	reader, err := vpsapi.NewReader(vpsapi.NewToken(os.Getenv("VPS_API_TOKEN")))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(reader.BaseURL())
	// Output: https://admin.vps.org/api/v1
}

func ExampleReader_Servers() {
	url, stop := startAPI()
	defer stop()
	reader, err := vpsapi.NewReader(vpsapi.NewToken("vps_example"), vpsapi.WithBaseURL(url))
	if err != nil {
		log.Fatal(err)
	}
	defer reader.CloseIdleConnections()

	for server, err := range reader.Servers(context.Background(), vpsapi.ServerFilter{Status: vpsapi.StatusActive}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(server.ID, server.Name, server.IPAddress)
		if server.Name == "db-server-01" {
			break // the pages beyond are not read
		}
	}
	// Output:
	// 12345 web-server-01 203.0.113.10
	// 12346 db-server-01 203.0.113.11
}

func ExampleReader_GetServer() {
	url, stop := startAPI()
	defer stop()
	reader, err := vpsapi.NewReader(vpsapi.NewToken("vps_example"), vpsapi.WithBaseURL(url))
	if err != nil {
		log.Fatal(err)
	}
	defer reader.CloseIdleConnections()

	id, err := vpsapi.ParseID("12345")
	if err != nil {
		log.Fatal(err)
	}
	server, err := reader.GetServer(context.Background(), id)
	switch {
	case errors.Is(err, vpsapi.ErrNotFound):
		fmt.Println("there is no such server")
	case err != nil:
		log.Fatal(err)
	}
	fmt.Println(server.Name, server.Status, server.Plan.VCPUs, "vCPUs,", server.OS.Name)
	// Output: web-server-01 active 2 vCPUs, Ubuntu 22.04 LTS
}

// A write ends in one of four ways.
func ExampleWriter_DeleteServer() {
	url, stop := startAPI()
	defer stop()
	writer, err := vpsapi.NewWriter(vpsapi.NewToken("vps_example"), vpsapi.WithBaseURL(url))
	if err != nil {
		log.Fatal(err)
	}

	for range 2 {
		err = writer.DeleteServer(context.Background(), vpsapi.NumberID(12345))
		var (
			refused *vpsapi.APIError
			notSent *vpsapi.NotSentError
			unknown *vpsapi.OutcomeUnknownError
		)
		switch {
		case err == nil:
			fmt.Println("deleted")
		case errors.As(err, &refused):
			fmt.Println("refused:", refused.Message)
		case errors.As(err, &notSent):
			fmt.Println("nothing happened:", notSent.Err)
		case errors.As(err, &unknown):
			fmt.Println("read the server to find out; never send it again")
		}
	}
	// Output:
	// deleted
	// refused: Not found.
}

// The hook is the last look at whether a change may still be made: a lock that was lost meanwhile keeps it back.
func ExampleBeforeSend() {
	url, stop := startAPI()
	defer stop()
	writer, err := vpsapi.NewWriter(vpsapi.NewToken("vps_example"), vpsapi.WithBaseURL(url))
	if err != nil {
		log.Fatal(err)
	}

	lost := errors.New("another process holds the lease")
	_, err = writer.RebootServer(context.Background(), vpsapi.NumberID(12345), vpsapi.BeforeSend(func(context.Context) error { return lost }))
	fmt.Println(err)
	fmt.Println(errors.Is(err, lost))
	// Output:
	// reboot server: not sent: another process holds the lease
	// true
}

func ExampleReader_WaitForStatus() {
	url, stop := startAPI()
	defer stop()
	token := vpsapi.NewToken("vps_example")
	reader, err := vpsapi.NewReader(token, vpsapi.WithBaseURL(url))
	if err != nil {
		log.Fatal(err)
	}
	defer reader.CloseIdleConnections()
	writer, err := vpsapi.NewWriter(token, vpsapi.WithBaseURL(url))
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()

	server, err := writer.CreateServer(ctx, vpsapi.CreateServerParams{
		Name: "web-02", PlanID: vpsapi.NumberID(1), OSID: vpsapi.NumberID(5), Location: "us-west",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(server.Name, server.Status)
	server, err = reader.WaitForStatus(ctx, server.ID, vpsapi.WaitOptions{
		Timeout: 10 * time.Minute,
		Appears: time.Minute, // the API may lag behind its own create
		Backoff: func(int) time.Duration { return 5 * time.Millisecond },
	})
	var gone *vpsapi.GoneError
	switch {
	case errors.As(err, &gone):
		fmt.Println("somebody deleted it")
	case err != nil:
		log.Fatal(err)
	}
	fmt.Println(server.Name, server.Status)
	// Output:
	// web-02 provisioning
	// web-02 active
}

func ExampleFinder_Find() {
	url, stop := startAPI()
	defer stop()
	reader, err := vpsapi.NewReader(vpsapi.NewToken("vps_example"), vpsapi.WithBaseURL(url))
	if err != nil {
		log.Fatal(err)
	}
	defer reader.CloseIdleConnections()
	finder := vpsapi.NewFinder(reader)

	for _, ref := range []string{"db01.example.com", "web-server-1"} {
		id, err := finder.Find(context.Background(), ref, vpsapi.FindOptions{})
		var missing *vpsapi.NotFoundError
		switch {
		case errors.As(err, &missing):
			fmt.Println("did you mean", missing.Suggestions[0].Name)
		case err != nil:
			log.Fatal(err)
		default:
			fmt.Println(id)
		}
	}
	// Output:
	// 12346
	// did you mean web-server-01
}
