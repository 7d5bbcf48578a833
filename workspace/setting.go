package workspace

import "encoding/json"

// Setting is one setting, its value as JSON text.
type Setting struct {
	ID    string
	Value []byte
}

// Settings are the settings in force. They never change.
type Settings struct {
	values map[string][]byte
}

// The settings of a new workspace. Its site's URL is set when it is founded; upstream's rate limiter
// stays off, as it costs its users alerts.
var defaultSettings = map[string]any{
	"Site_Url":                       "",
	"API_Enable_Rate_Limiter":        false,
	"Message_MaxAllowedSize":         5000,
	"API_Enable_CORS":                true,
	"API_CORS_Origin":                "*",
	"API_Upper_Count_Limit":          100,
	"API_Default_Count":              50,
	"API_Allow_Infinite_Count":       true,
	"Allow_Invalid_SelfSigned_Certs": false,
}

// newSettings holds the stored values over the defaults.
func newSettings(stored []Setting) *Settings {
	values := make(map[string][]byte, len(defaultSettings))
	for _, s := range DefaultSettings() {
		values[s.ID] = s.Value
	}
	for _, s := range stored {
		values[s.ID] = s.Value
	}
	return &Settings{values: values}
}

// DefaultSettings answers the settings of a new workspace.
func DefaultSettings() []Setting {
	list := make([]Setting, 0, len(defaultSettings))
	for id, value := range defaultSettings {
		text, err := json.Marshal(value)
		if err != nil {
			panic("workspace: default of " + id + " has no JSON: " + err.Error())
		}
		list = append(list, Setting{ID: id, Value: text})
	}
	return list
}

// Int answers a number setting; zero where it is unknown or of another type.
func (s *Settings) Int(id string) int { return read[int](s, id) }

// Bool answers a switch; false where it is unknown or of another type.
func (s *Settings) Bool(id string) bool { return read[bool](s, id) }

// Text answers a text setting; empty where it is unknown or of another type.
func (s *Settings) Text(id string) string { return read[string](s, id) }

func read[T any](s *Settings, id string) (value T) {
	if json.Unmarshal(s.values[id], &value) != nil {
		var zero T
		return zero
	}
	return value
}
