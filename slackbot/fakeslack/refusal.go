package fakeslack

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

// refusal is why Slack itself doesn't send a form with this in it, "" where it
// does.
func (p part) refusal(held map[string]any) string {
	v := held[holds[p.kind()]]
	if empty(v) {
		if p.block["optional"] == true {
			return ""
		}
		return "Please complete this required field."
	}
	text, ok := v.(string)
	if !ok {
		return ""
	}
	if p.kind() == "number_input" {
		return p.numberRefusal(text)
	}
	n := float64(utf8.RuneCountInString(text))
	if least, ok := p.element["min_length"].(float64); ok && n < least {
		return fmt.Sprintf("This text is too short: at least %g characters.", least)
	}
	if most, ok := p.element["max_length"].(float64); ok && n > most {
		return fmt.Sprintf("This text is too long: at most %g characters.", most)
	}
	return ""
}

func (p part) numberRefusal(text string) string {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || (p.element["is_decimal_allowed"] == false && n != float64(int64(n))) {
		return "Please enter a valid number."
	}
	least, err := strconv.ParseFloat(str(p.element, "min_value"), 64)
	if err == nil && n < least {
		return fmt.Sprintf("Please enter at least %g.", least)
	}
	most, err := strconv.ParseFloat(str(p.element, "max_value"), 64)
	if err == nil && n > most {
		return fmt.Sprintf("Please enter at most %g.", most)
	}
	return ""
}

func empty(v any) bool {
	list, isList := v.([]any)
	return v == nil || v == "" || (isList && len(list) == 0)
}
