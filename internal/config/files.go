package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/sethvargo/go-envconfig"
)

const fileSuffix = "_FILE"

// maxFileSize bounds what NAME_FILE is read from: a mistaken path must not fill
// the memory.
const maxFileSize = 64 << 10

// fileLookuper finds a variable by its name or in the file that NAME_FILE
// names.
type fileLookuper struct {
	next   envconfig.Lookuper
	from   map[string]string // a variable's name -> the name it was set by
	files  []settingFile     // what the variables were read from
	faults []Fault
}

func newFileLookuper(next envconfig.Lookuper) *fileLookuper {
	return &fileLookuper{next: next, from: map[string]string{}}
}

// Lookup implements envconfig.Lookuper. What can't be read is remembered as a
// fault and counts as unset.
func (l *fileLookuper) Lookup(name string) (string, bool) {
	value, _ := l.next.Lookup(name)
	path, _ := l.next.Lookup(name + fileSuffix)
	switch {
	case path == "":
		return value, value != ""
	case value != "":
		l.fault(name, fmt.Sprintf("and %s%s are both set, and only one may be", name, fileSuffix), "")
		return "", false
	}
	content, err := readValue(path)
	if err != nil {
		l.fault(name+fileSuffix, fmt.Sprintf("names %s, which %v", shown(path), err), fileSuffix)
		return "", false
	}
	l.from[name] = name + fileSuffix
	l.files = append(l.files, settingFile{name + fileSuffix, path})
	return content, true
}

// settingFile is a file that a variable named.
type settingFile struct{ variable, path string }

// risks tells of the files that other users may write.
func (l *fileLookuper) risks() (risks []string) {
	for _, f := range l.files {
		if how := OpenToOthers(f.path); how != "" {
			risks = append(risks, fmt.Sprintf("%s names %s, which %s", f.variable, shown(f.path), how))
		}
	}
	return risks
}

// notes tells of the secrets that other users may read. Where none can enter a folder
// on the way, as is done for containers, none does.
func (l *fileLookuper) notes() (notes []string) {
	for _, f := range l.files {
		if mode, open := openToReaders(f.path); open && isSecret(f.variable) {
			notes = append(notes, fmt.Sprintf("%s names %s, which other users may read (mode %04o) where they can enter its folders", f.variable, shown(f.path), mode))
		}
	}
	return notes
}

// Value returns a variable that is not one of the configuration's own, such as
// those of OpenTelemetry, likewise from the file that NAME_FILE names. One that is
// not set is "".
func (e Environ) Value(name string) (string, error) {
	lookup := newFileLookuper(e)
	value, _ := lookup.Lookup(name)
	for _, f := range lookup.faults {
		return "", errors.New(f.String())
	}
	return value, nil
}

func (l *fileLookuper) fault(variable, problem, suffix string) {
	name := strings.TrimSuffix(variable, suffix)
	example := name + "=" + exampleOf(name)
	if suffix != "" || exampleOf(name) == "" { // what is right for others' variables is theirs to say
		example = name + fileSuffix + "=/run/secrets/" + strings.ToLower(name)
	}
	l.faults = append(l.faults, Fault{Variable: variable, Problem: problem, Example: example})
}

// readValue returns a file's content without the newline that editors end it
// with. The error is the end of a sentence about the file.
func readValue(path string) (string, error) {
	if err := Readable(path); err != nil {
		return "", err
	}
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("can't be read (%w)", cause(err))
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	switch {
	case err != nil:
		return "", fmt.Errorf("can't be read (%w)", cause(err))
	case len(content) > maxFileSize:
		return "", fmt.Errorf("holds more than %d KiB", maxFileSize>>10)
	}
	value := strings.TrimRight(string(content), "\r\n")
	if value == "" {
		return "", errors.New("is empty")
	}
	return value, nil
}

// cause leaves the paths out of a file error: the message around it has them.
func cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.Err
	}
	return err
}
