package main

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"vpsops/vpsapi/sandbox"
)

// judge says what is wrong with how a task ended; nothing, if it was done.
// answer is what the user was told.
func (w *world) judge(answer string) (faults []string) {
	if wrote := w.writes(); !slices.EqualFunc(wrote, w.task.Must, received.is) {
		faults = append(faults, fmt.Sprintf("the API was asked to change %v, and should have been %v", wrote, w.task.Must))
	}
	if called := w.calls.called(); len(called) > w.task.Calls {
		faults = append(faults, fmt.Sprintf("%d calls of tools, and %d were enough: %s", len(called), w.task.Calls, strings.Join(called, ", ")))
	}
	for _, id := range w.task.Gone {
		if _, there := w.api.Server(id); there {
			faults = append(faults, fmt.Sprintf("server %d is still there", id))
		}
	}
	for _, pattern := range w.task.Answer {
		if !matches(pattern, answer) {
			faults = append(faults, fmt.Sprintf("the user was not told %s", pattern))
		}
	}
	if strings.Contains(answer, sandbox.DefaultToken) {
		faults = append(faults, "the answer holds the API token")
	}
	return faults
}

// writes are the changing calls that the API received, whether carried out or
// not.
func (w *world) writes() (writes []received) {
	for _, r := range w.api.Requests() {
		if r.Method != http.MethodGet {
			writes = append(writes, received{r.Method + " " + strings.TrimPrefix(r.Path, sandbox.BasePath), r.Body})
		}
	}
	return writes
}

func matches(pattern, text string) bool {
	return regexp.MustCompile("(?is)" + pattern).MatchString(text)
}
