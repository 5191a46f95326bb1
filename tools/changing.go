package tools

// Changes tells whether a call of the tool asks for a change of a server.
func Changes(tool string) bool {
	for _, s := range (*toolset)(nil).specs() {
		if s.name == tool {
			return s.changes
		}
	}
	return false
}
