package beside

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
)

// Attempts counts the attempts that servers' logs say were recorded, by delivery. A line is written
// once its attempt is committed, which a kill does not undo, so what the logs lack was under way.
func Attempts(logs ...string) (map[string]int, error) {
	recorded := map[string]int{}
	for _, log := range logs {
		if err := addAttempts(recorded, log); err != nil {
			return nil, err
		}
	}
	return recorded, nil
}

func addAttempts(recorded map[string]int, log string) error {
	text, err := os.ReadFile(log) //nolint:gosec // the file is ours
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct {
			Msg        string
			DeliveryID string `json:"delivery_id"`
		}
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "delivery attempted" {
			recorded[line.DeliveryID]++
		}
	}
	return lines.Err()
}
