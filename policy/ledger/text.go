package ledger

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// quoted begins a text that is stored quoted. PostgreSQL's TEXT takes neither
// a NUL nor what is no UTF-8, and an asker's words may hold either.
const quoted = "\x1b\x1b"

func toText(s string) string {
	if strings.IndexByte(s, 0) < 0 && utf8.ValidString(s) && !strings.HasPrefix(s, quoted) {
		return s
	}
	return quoted + strconv.QuoteToASCII(s)
}

func fromText(s string) (string, error) {
	rest, ok := strings.CutPrefix(s, quoted)
	if !ok {
		return s, nil
	}
	return strconv.Unquote(rest)
}

// The column types, as destinations of a scan: (*column)(&field).
type (
	column     string
	jsonColumn json.RawMessage
	timeColumn time.Time
	flagColumn bool
)

// Scan implements [sql.Scanner].
func (c *column) Scan(src any) error {
	var err error
	switch src := src.(type) {
	case string:
		*(*string)(c), err = fromText(src)
	case []byte:
		*(*string)(c), err = fromText(string(src))
	default:
		err = fmt.Errorf("ledger: a text column holds a %T", src)
	}
	return err
}

// Scan implements [sql.Scanner].
func (c *jsonColumn) Scan(src any) error {
	var text column
	if err := text.Scan(src); err != nil || text == "" {
		*c = nil
		return err
	}
	*c = jsonColumn(text)
	return nil
}

// Scan implements [sql.Scanner].
func (c *timeColumn) Scan(src any) error {
	n, ok := src.(int64)
	if !ok {
		return fmt.Errorf("ledger: a time column holds a %T", src)
	}
	*c = timeColumn(fromNanos(n))
	return nil
}

// Scan implements [sql.Scanner].
func (c *flagColumn) Scan(src any) error {
	n, ok := src.(int64)
	if !ok || n&^1 != 0 {
		return fmt.Errorf("ledger: a flag column holds %v", src)
	}
	*c = n == 1
	return nil
}

func fromFlag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
