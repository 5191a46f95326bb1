// Command preview makes one HTML page of the snapshots of Slack cards, as a phone
// and a desktop show them, for whoever changes a card to look at:
//
//	go run ./slackbot/card/preview slackbot/card/testdata >cards.html
//
// It resembles Slack and is not Slack: Block Kit Builder has the last word.
package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"os"
	"strings"
)

//go:embed page.html
var page string

// shown is one snapshot on the page.
type shown struct {
	Name, Kind, Title, Submit, Close, Text string
	Blocks                                 []template.HTML
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: preview FOLDER [GLOB] >cards.html")
		os.Exit(2)
	}
	glob := "*.json"
	if len(os.Args) > 2 {
		glob = os.Args[2]
	}
	if err := run(os.Stdout, os.DirFS(os.Args[1]), glob); err != nil {
		fmt.Fprintln(os.Stderr, "preview:", err)
		os.Exit(1)
	}
}

func run(w io.Writer, folder fs.FS, glob string) error {
	files, err := fs.Glob(folder, glob)
	if err != nil {
		return err
	}
	var all []shown
	for _, file := range files {
		raw, err := fs.ReadFile(folder, file)
		if err != nil {
			return err
		}
		s, err := read(strings.TrimSuffix(file, ".json"), raw)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, s)
	}
	return template.Must(template.New("page").Parse(page)).Execute(w, all)
}

func read(name string, raw []byte) (shown, error) {
	var face struct {
		Text                 string
		Title, Submit, Close *text
		Blocks               []block
	}
	if err := json.Unmarshal(raw, &face); err != nil {
		return shown{}, err
	}
	kind, name, _ := strings.Cut(name, "_")
	s := shown{Name: name, Kind: kind, Text: face.Text, Title: face.Title.plain(), Submit: face.Submit.plain(), Close: face.Close.plain()}
	for _, b := range face.Blocks {
		s.Blocks = append(s.Blocks, b.html())
	}
	return s, nil
}
