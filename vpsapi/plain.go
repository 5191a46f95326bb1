package vpsapi

// isPlainJSON reports whether body is valid JSON of the kind that the API sends: one value of little depth, no escape in its texts
// but of one character. It is for speed alone: it says yes to nothing that encoding/json or inspectDepth would refuse,
// and a no means that they are to be asked.
func isPlainJSON(body []byte) bool {
	end := plainValue(body, skipSpace(body, 0), 0)
	return end > 0 && skipSpace(body, end) == len(body)
}

// plainValue returns the index past the value that begins at i, or 0.
func plainValue(b []byte, i, depth int) int {
	if i >= len(b) {
		return 0
	}
	switch c := b[i]; {
	case c == '"':
		return plainString(b, i)
	case c == '{':
		return plainMembers(b, i, depth, '}')
	case c == '[':
		return plainMembers(b, i, depth, ']')
	case c == '-' || c >= '0' && c <= '9':
		return plainNumber(b, i)
	}
	for _, word := range [...]string{"true", "false", "null"} {
		if len(b)-i >= len(word) && string(b[i:i+len(word)]) == word {
			return i + len(word)
		}
	}
	return 0
}

// plainMembers is plainValue for an object or an array, by its closing bracket.
func plainMembers(b []byte, i, depth int, closing byte) int {
	if depth == maxDepth {
		return 0
	}
	i = skipSpace(b, i+1)
	if i < len(b) && b[i] == closing {
		return i + 1
	}
	for {
		if closing == '}' {
			if i = plainString(b, i); i == 0 {
				return 0
			}
			if i = skipSpace(b, i); i >= len(b) || b[i] != ':' {
				return 0
			}
			i = skipSpace(b, i+1)
		}
		if i = plainValue(b, i, depth+1); i == 0 {
			return 0
		}
		switch i = skipSpace(b, i); {
		case i >= len(b):
			return 0
		case b[i] == closing:
			return i + 1
		case b[i] != ',':
			return 0
		}
		i = skipSpace(b, i+1)
	}
}

func plainString(b []byte, i int) int {
	if i >= len(b) || b[i] != '"' {
		return 0
	}
	for i++; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			return i + 1
		case c < ' ':
			return 0
		case c == '\\':
			if i++; i >= len(b) || !isShortEscape(b[i]) {
				return 0
			}
		}
	}
	return 0
}

func isShortEscape(c byte) bool {
	switch c {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return true
	}
	return false
}

// plainNumber takes whole and decimal numbers, without an exponent.
func plainNumber(b []byte, i int) int {
	if b[i] == '-' {
		i++
	}
	end := skipDigits(b, i)
	if end == i || b[i] == '0' && end > i+1 {
		return 0
	}
	if end < len(b) && b[end] == '.' {
		fraction := end + 1
		if end = skipDigits(b, fraction); end == fraction {
			return 0
		}
	}
	return end // what may not follow a number is no comma, bracket or space either
}

func skipDigits(b []byte, i int) int {
	for i < len(b) && b[i] >= '0' && b[i] <= '9' {
		i++
	}
	return i
}
