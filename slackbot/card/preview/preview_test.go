package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

func TestThePageHoldsEverySnapshot(t *testing.T) {
	files, err := os.ReadDir("../testdata")
	if err != nil {
		t.Fatal(err)
	}
	var page bytes.Buffer
	if err := run(&page, os.DirFS("../testdata"), "*.json"); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(page.String(), "<h2>"); got != len(files) {
		t.Errorf("%d of %d snapshots are on the page", got, len(files))
	}
}

func TestMrkdwnIsShownAsSlackReadsIt(t *testing.T) {
	for in, want := range map[string]string{
		"*bold* and _it_":               "<b>bold</b> and <i>it</i>",
		"`*x* &lt;!channel&gt;` *y*":    "<code>*x* &lt;!channel&gt;</code> <b>y</b>",
		"<@U1> <!channel>":              "<span class=mention>@U1</span> <span class='mention alarm'>!channel</span>",
		"<!date^1^{time}|03:19 UTC>\nx": "<span class=date>03:19 UTC</span><br>x",
		"&lt;script&gt; 2*3*4":          "&lt;script&gt; 2*3*4",
	} {
		if got := mrkdwn(in); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
}
