package config

import (
	"os"
	"strings"
)

// Environ is a set of variables that can be looked up and listed.
type Environ map[string]string

// OSEnviron returns the process's environment as it is now.
func OSEnviron() Environ {
	e := Environ{}
	for _, entry := range os.Environ() {
		// Windows keeps entries such as "=C:=C:\dir".
		if name, value, ok := strings.Cut(entry, "="); ok && name != "" {
			e[name] = value
		}
	}
	return e
}

// Lookup implements envconfig.Lookuper.
func (e Environ) Lookup(name string) (string, bool) {
	value, ok := e[name]
	return value, ok
}

// Names lists what is set, in no order.
func (e Environ) Names() []string {
	names := make([]string, 0, len(e))
	for name := range e {
		names = append(names, name)
	}
	return names
}
