package gate

import "strings"

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
