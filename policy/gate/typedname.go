package gate

import (
	"strings"

	"vpsops/internal/inert"
)

// maxTyped is how many runes of a name all front ends show.
const maxTyped = 80

// TypedWord is what a person types to show that they mean this server: its name, or its
// id where the name isn't typed as it shows: it has characters that don't show, more
// than one blank in a row, or more characters than a front end shows.
func (s Shown) TypedWord() (word string, isID bool) {
	name := s.Name()
	if s.Server == nil || name != "" && inert.Line(name, maxTyped) == name {
		return name, false
	}
	return s.Server.ID.String(), true
}

// MeantBy tells whether what was typed names this server.
func (s Shown) MeantBy(typed string) bool {
	word, _ := s.TypedWord()
	return typed != "" && (typed == word || typed == s.Name())
}

// TypeText says what must be typed, where something else was.
func (s Shown) TypeText(typed string) string {
	if word, isID := s.TypedWord(); isID {
		return "type the server's id, " + word + ": its name can't be typed as it shows"
	}
	return TypeNameText(s.Name(), typed)
}

// TypeNameText says that a server's name must be typed exactly, and what differs in
// what was typed where that is hard to see. Of keyboards' own changes none is taken
// back: the name is typed so that nobody approves by habit.
func TypeNameText(name, typed string) string {
	text := "type the server's name, " + name + ", exactly as it is written"
	if differs := typedDiffers(name, typed); differs != "" {
		text += "; what was typed has " + differs
	}
	return text
}

var plainDashes = strings.NewReplacer("‐", "-", "‑", "-", "‒", "-", "–", "-", "−", "-", "—", "--", "―", "--")

// typedDiffers names what a keyboard made different, or is "" where that is not all.
func typedDiffers(name, typed string) string {
	bare := strings.Trim(strings.TrimSpace(typed), "\"'`“”„‟«»‘’‚‛")
	if bare == "" || !strings.EqualFold(plainDashes.Replace(bare), plainDashes.Replace(name)) {
		return ""
	}
	var differs []string
	if strings.TrimSpace(typed) != typed {
		differs = append(differs, "a blank before or behind it")
	}
	if strings.TrimSpace(typed) != bare {
		differs = append(differs, "quotes around it")
	}
	if plainDashes.Replace(bare) != plainDashes.Replace(name) {
		differs = append(differs, "capital or small letters of its own")
	}
	if !strings.EqualFold(bare, name) {
		differs = append(differs, "another dash in it")
	}
	return strings.Join(differs, " and ")
}
