package inert_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"vpsops/internal/inert"
)

func TestTextShowsWhatHides(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"empty":                  {"", ""},
		"plain":                  {"web-01.example.com (a ~ z)", "web-01.example.com (a ~ z)"},
		"accents and scripts":    {"Köln 東京 кот שלום", "Köln 東京 кот שלום"},
		"decomposed accents":     {"Ko\u0308ln Vie\u0302\u0323t", "Ko\u0308ln Vie\u0302\u0323t"},
		"emoji":                  {"up 🚀", "up 🚀"},
		"a real U+FFFD":          {"a\ufffdb", "a\ufffdb"},
		"a broken byte":          {"a\xffb", `a\x{ff}b`},
		"a cut sequence":         {"a\xe2\x80", `a\x{e2}\x{80}`},
		"an encoded surrogate":   {"\xed\xa0\x80", `\x{ed}\x{a0}\x{80}`},
		"newline":                {"a\nb", `a\u{a}b`},
		"carriage return":        {"a\rb", `a\u{d}b`},
		"tab":                    {"a\tb", `a\u{9}b`},
		"nul":                    {"a\x00b", `a\u{0}b`},
		"delete":                 {"a\x7fb", `a\u{7f}b`},
		"terminal colour":        {"\x1b[31mred\x1b[0m", `\u{1b}[31mred\u{1b}[0m`},
		"terminal title":         {"\x1b]0;x\a", `\u{1b}]0;x\u{7}`},
		"C1 control":             {"a\u009b31m", `a\u{9b}31m`},
		"next line":              {"a\u0085b", `a\u{85}b`},
		"line separator":         {"a\u2028b", `a\u{2028}b`},
		"paragraph separator":    {"a\u2029b", `a\u{2029}b`},
		"bidi override":          {"a\u202egnp.exe", `a\u{202e}gnp.exe`},
		"bidi isolate":           {"a\u2066b\u2069", `a\u{2066}b\u{2069}`},
		"bidi mark":              {"a\u200fb\u061c", `a\u{200f}b\u{61c}`},
		"zero width":             {"we\u200bb\u200d\u2060\ufeff", `we\u{200b}b\u{200d}\u{2060}\u{feff}`},
		"soft hyphen":            {"web\u00ad01", `web\u{ad}01`},
		"no-break space":         {"a\u00a0b", `a\u{a0}b`},
		"wide space":             {"a\u3000b", `a\u{3000}b`},
		"tag characters":         {"a\U000e0041\U000e007f", `a\u{e0041}\u{e007f}`},
		"variation selectors":    {"a\ufe0f\U000e0101", `a\u{fe0f}\u{e0101}`},
		"mongolian selector":     {"a\u180bb", `a\u{180b}b`},
		"hangul filler":          {"a\u3164\u115f\uffa0", `a\u{3164}\u{115f}\u{ffa0}`},
		"blank braille":          {"a\u2800b", `a\u{2800}b`},
		"object replacement":     {"a\ufffcb", `a\u{fffc}b`},
		"private use":            {"a\ue000\U0010fffd", `a\u{e000}\u{10fffd}`},
		"unassigned":             {"a\U000effff\ufdd0", `a\u{effff}\u{fdd0}`},
		"musical control":        {"a\U0001d173b", `a\u{1d173}b`},
		"enclosing mark":         {"a\u20dd", `a\u{20dd}`},
		"mark without a base":    {"\u0301a", `\u{301}a`},
		"mark on a space":        {"a \u0301b", `a \u{301}b`},
		"mark on what is hidden": {"a\u200b\u0301", `a\u{200b}\u{301}`},
		"mark on a broken byte":  {"\xff\u0301", `\x{ff}\u{301}`},
		"marks piled up":         {"o" + strings.Repeat("\u0335", 6), "o" + strings.Repeat("\u0335", 4) + `\u{335}\u{335}`},
	} {
		t.Run(name, func(t *testing.T) {
			if got := inert.Text(c.in, inert.Unlimited); got != c.want {
				t.Errorf("Text(%+q) = %+q, want %+q", c.in, got, c.want)
			}
		})
	}
}

func TestTextIsCapped(t *testing.T) {
	for _, c := range []struct {
		in   string
		max  int
		want string
	}{
		{"abc", -1, ""},
		{"abc", 0, ""},
		{"abc", 1, "…"},
		{"a", 1, "a"},
		{"abc", 2, "a…"},
		{"abc", 3, "abc"},
		{"äöü", 3, "äöü"},
		{"äöüß", 3, "äö…"},
		{"a\n", 6, `a\u{a}`},
		{"a\nb", 6, `a…`},
		{"a\nb", 7, `a\u{a}b`},
		{"\n\n", 5, "…"},
		{"\n", 5, `\u{a}`},
		{strings.Repeat("x", 10_000), 8, "xxxxxxx…"},
		{"\x1b" + strings.Repeat("x", 10_000), 8, `\u{1b}x…`},
	} {
		if got := inert.Text(c.in, c.max); got != c.want {
			t.Errorf("Text(%.20q, %d) = %q, want %q", c.in, c.max, got, c.want)
		}
	}
}

func TestLineJoinsProse(t *testing.T) {
	for in, want := range map[string]string{
		"":                          "",
		" \n\t ":                    "",
		"one line":                  "one line",
		"two\nlines":                "two lines",
		"  ends  and\r\n\truns  ":   "ends and runs",
		"one\u2028two\u00a0three":   "one two three",
		"still\u202e hidden\u200b!": `still\u{202e} hidden\u{200b}!`,
	} {
		if got := inert.Line(in, 200); got != want {
			t.Errorf("Line(%+q) = %+q, want %+q", in, got, want)
		}
	}
	if got := inert.Line("a   b", 3); got != "a b" {
		t.Errorf("white space that goes counted against the cap: %q", got)
	}
	if got := inert.Line("a\nb c", 4); got != "a b…" {
		t.Errorf("a long line was not cut: %q", got)
	}
}

func TestAQuoteEndsWhereItSeemsTo(t *testing.T) {
	for said, want := range map[string]string{
		"":                             `""`,
		"Busy.":                        `"Busy."`,
		"no\n\"yes\", it said \"":      `"no 'yes', it said '"`,
		"a good deal longer than that": `"a good deal longer …"`,
	} {
		if got := inert.Quote(said, 20); got != want {
			t.Errorf("%q is quoted as %s, want %s", said, got, want)
		}
	}
}

func TestSuspiciousNames(t *testing.T) {
	for name, want := range map[string]bool{
		"":                    false,
		"web-01":              false,
		"db.example.com":      false,
		"2001:db8::1":         false,
		"Standard VPS (2 GB)": false,
		"wеb-01":              true, // Cyrillic е
		"prod‑db":             true, // U+2011
		"web-01\u200b":        true,
		"web-01\n":            true,
		"web\x7f":             true,
		"web\xff":             true,
		" web-01":             true,
		"web-01 ":             true,
		"web  01":             true,
		"köln":                true,
	} {
		if got := inert.Suspicious(name); got != want {
			t.Errorf("Suspicious(%+q) = %v, want %v", name, got, want)
		}
	}
}

func TestPlainTextCostsNothing(t *testing.T) {
	const ascii, latin = "web-server-01.example.com", "Grund: Köln ist langsam"
	for name, f := range map[string]func(){
		"Text, ASCII":     func() { inert.Text(ascii, 100) },
		"Text, non-ASCII": func() { inert.Text(latin, 100) },
		"Line":            func() { inert.Line(latin, 100) },
		"Suspicious":      func() { inert.Suspicious(ascii) },
	} {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add("web-01", 10)
	f.Add("a\u202eb\x1b[31m\n\xff\u0301\U000e0041", 30)
	f.Add(strings.Repeat("o\u0335\u0335\u0335\u0335\u0335", 9), 20)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		got := inert.Text(s, limit)
		if !utf8.ValidString(got) {
			t.Fatalf("not UTF-8: %q", got)
		}
		if n := utf8.RuneCountInString(got); n > max(limit, 0) {
			t.Fatalf("%d runes, want at most %d", n, limit)
		}
		for _, r := range got {
			if !unicode.IsGraphic(r) || r != ' ' && unicode.IsSpace(r) {
				t.Fatalf("%U is left in %q", r, got)
			}
		}
		if again := inert.Text(got, inert.Unlimited); again != got {
			t.Fatalf("inert text changed again: %q to %q", got, again)
		}
		if line := inert.Line(s, limit); line != inert.Line(line, inert.Unlimited) {
			t.Fatalf("an inert line changed again: %q", line)
		}
	})
}

func BenchmarkTextPlain(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		inert.Text("web-server-01.example.com", 100)
	}
}

func BenchmarkTextHostile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		inert.Text("web\u202e-server-01\x1b[31m.example.com", 100)
	}
}
