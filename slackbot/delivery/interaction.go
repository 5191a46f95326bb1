package delivery

import (
	"encoding/json"
	"fmt"
)

// FromInteraction makes a delivery of an interaction's payload: of kind Options
// where a menu asks for its options, else of kind Interaction.
func FromInteraction(payload json.RawMessage) (Delivery, error) {
	var named struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(payload, &named); err != nil {
		return Delivery{}, fmt.Errorf("delivery: %s: %w", Interaction, err)
	}
	if named.Type == "block_suggestion" {
		return New(Options, payload)
	}
	return New(Interaction, payload)
}
