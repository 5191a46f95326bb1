package fakeslack_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"vpsops/slackbot/fakeslack"
)

// Whatever is sent, a method answers 200 and JSON that says whether it is ok.
func FuzzRequests(f *testing.F) {
	for _, body := range []string{
		`{"channel":"COPS","text":"hi"}`, `{"channel":"COPS","blocks":[{"type":"divider"}]}`, `channel=COPS&blocks=%5B%7B%7D%5D`,
		`{"view":{"type":"modal","blocks":[]},"trigger_id":1}`, `{"channel":["COPS"],"text":{}}`, `[]`, `null`, `%zz`,
	} {
		for _, method := range []string{"chat.postMessage", "chat.update", "views.open", "views.publish", "conversations.open", "users.info"} {
			f.Add(method, "application/json", body)
			f.Add(method, "application/x-www-form-urlencoded", body)
		}
	}
	s, err := fakeslack.Start(fakeslack.Options{Memory: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = s.Close() })
	s.AddUser(fakeslack.User{ID: ana})
	s.AddChannel(fakeslack.Channel{ID: ops, Members: []string{ana, s.App().BotUser}})
	c := s.Client()
	f.Cleanup(c.CloseIdleConnections)

	f.Fuzz(func(t *testing.T, method, kind, body string) {
		req, err := http.NewRequest(http.MethodPost, s.URL()+"chat.postMessage", strings.NewReader(body))
		if err != nil {
			t.Skip()
		}
		req.URL.Path = "/api/" + strings.Trim(method, "/.")
		req.Header.Set("Content-Type", oneLine(kind))
		req.Header.Set("Authorization", "Bearer "+s.App().BotToken)
		resp, err := c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		raw, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusMovedPermanently ||
			resp.StatusCode == http.StatusTemporaryRedirect {
			return // no method's path
		}
		var answer struct {
			OK    *bool
			Error string
		}
		if json.Unmarshal(raw, &answer) != nil || answer.OK == nil || *answer.OK != (answer.Error == "") || resp.StatusCode != http.StatusOK {
			t.Errorf("%s answered %d: %s", method, resp.StatusCode, raw)
		}
	})
}

func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}
