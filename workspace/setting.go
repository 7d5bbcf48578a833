package workspace

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/grapnel-chat/grapnel/permissions"
)

// Setting is one setting, its value as JSON text.
type Setting struct {
	ID    string
	Value []byte
}

// settingKind is what there is to know of a setting besides its value.
type settingKind struct {
	standard any  // its default: a text, a number or a switch
	public   bool // told to everybody
	fixed    bool // follows an option of the server
	least    int  // of a number
}

// The settings of ours that the server itself reads.
const (
	MessagesKeptDays  = "Retention_Messages_Days"
	MessagesKeptCount = "Retention_Messages_Per_Room"
	HistoryKeptDays   = "Retention_History_Days"
	HistoryKeptCount  = "Retention_History_Per_Integration"
	LimitHooks        = "Hooks_Enable_Rate_Limiter"
)

// settingKinds are all settings, those of upstream under its names. The comment over each says what it
// does, and stands in docs/permissions.md.
var settingKinds = map[string]settingKind{
	// Where people reach the server. It follows `ROOT_URL` and cannot be changed here.
	"Site_Url": {standard: "", public: true, fixed: true},
	// Limits how often one address may call one endpoint of the API. Upstream has it on, which costs its
	// users alerts.
	"API_Enable_Rate_Limiter": {standard: false},
	// So many calls of one endpoint, or of one hook, in the time below.
	"API_Enable_Rate_Limiter_Limit_Calls_Default": {standard: 10, least: 1},
	// That time, in milliseconds.
	"API_Enable_Rate_Limiter_Limit_Time_Default": {standard: 60000, least: 1},
	// Limits how often one address may call one hook, by the two numbers above. A setting of ours:
	// upstream's limiter counts hooks always. It does not depend on `API_Enable_Rate_Limiter`.
	LimitHooks: {standard: false},
	// Longest text of a message, in UTF-16 units as JavaScript counts.
	"Message_MaxAllowedSize": {standard: 5000, public: true, least: 1},
	// Answers preflight requests, so that pages of other sites may call the API.
	"API_Enable_CORS": {standard: true},
	// Those sites: `*`, or a list separated by commas.
	"API_CORS_Origin": {standard: "*"},
	// Most rows in one page of a list; 0: no bound.
	"API_Upper_Count_Limit": {standard: 100},
	// Rows in a page when the caller names no number.
	"API_Default_Count": {standard: 50, least: 1},
	// Answers all rows to `count=0`. If it is off, `count=0` means the default number.
	"API_Allow_Infinite_Count": {standard: true},
	// Lets outgoing calls reach servers whose certificates cannot be verified.
	"Allow_Invalid_SelfSigned_Certs": {standard: false},
	// Forgets messages older than so many days, within an hour; 0: keeps them. A setting of ours.
	MessagesKeptDays: {standard: 0},
	// Keeps only so many of the newest messages of each room; 0: all. A setting of ours.
	MessagesKeptCount: {standard: 0},
	// Forgets deliveries that ended longer ago than so many days; 0: keeps them. Those that wait are
	// never forgotten. A setting of ours; upstream's number.
	HistoryKeptDays: {standard: 30},
	// Keeps only so many of the newest ended deliveries of each integration; 0: all. A setting of ours.
	HistoryKeptCount: {standard: 0},
	// Lets users upload files.
	"FileUpload_Enabled": {standard: true, public: true},
	// Largest file, in bytes; -1: no limit.
	"FileUpload_MaxFileSize": {standard: 104857600, public: true, least: -1},
}

// What a change of a setting is refused for.
var (
	ErrUnknownSetting = errors.New("unknown setting")
	ErrFixedSetting   = errors.New("the setting follows an option of the server")
	ErrSettingValue   = errors.New("the setting's value has another type")
)

// Settings are the settings at one moment. They never change; a change makes new ones.
type Settings struct {
	values map[string]settingValue
}

// settingValue is a value as it is kept, and parsed: the member of its type holds it, the others are zero.
// Settings are read far more often than they change.
type settingValue struct {
	json   []byte
	number int
	on     bool
	text   string
}

func readSetting(value []byte) settingValue {
	v := settingValue{json: value}
	_ = json.Unmarshal(value, &v.number) // a value of another type leaves it zero
	_ = json.Unmarshal(value, &v.on)
	_ = json.Unmarshal(value, &v.text)
	return v
}

// newSettings holds the stored values over the defaults.
func newSettings(stored []Setting) *Settings {
	values := make(map[string]settingValue, len(settingKinds))
	for _, s := range DefaultSettings() {
		values[s.ID] = readSetting(s.Value)
	}
	for _, s := range stored {
		values[s.ID] = readSetting(s.Value)
	}
	return &Settings{values: values}
}

// DefaultSettings answers the settings of a new workspace, by id.
func DefaultSettings() []Setting {
	list := make([]Setting, 0, len(settingKinds))
	for _, id := range slices.Sorted(maps.Keys(settingKinds)) {
		text, err := json.Marshal(settingKinds[id].standard)
		if err != nil {
			panic("workspace: default of " + id + " has no JSON: " + err.Error())
		}
		list = append(list, Setting{ID: id, Value: text})
	}
	return list
}

// Int answers a number setting; zero where it is unknown or of another type.
func (s *Settings) Int(id string) int { return s.values[id].number }

// Bool answers a switch; false where it is unknown or of another type.
func (s *Settings) Bool(id string) bool { return s.values[id].on }

// Text answers a text setting; empty where it is unknown or of another type.
func (s *Settings) Text(id string) string { return s.values[id].text }

// list answers the settings that are wanted, by id. What an older server kept and this one does not
// know is no setting.
func (s *Settings) list(wanted func(settingKind) bool) []Setting {
	var list []Setting
	for id, kind := range settingKinds {
		if wanted(kind) {
			list = append(list, Setting{ID: id, Value: s.values[id].json})
		}
	}
	slices.SortFunc(list, func(a, b Setting) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

// PublicSettings answers what everybody may know.
func (s *Service) PublicSettings() []Setting {
	return s.Settings().list(func(k settingKind) bool { return k.public })
}

// AllSettings answers all settings to holders of view-privileged-setting, and the public ones to
// others.
func (s *Service) AllSettings(actor User) []Setting {
	if !s.Can(actor, permissions.ViewPrivilegedSetting) {
		return s.PublicSettings()
	}
	return s.Settings().list(func(settingKind) bool { return true })
}

// Setting answers one setting.
func (s *Service) Setting(id string) (Setting, error) {
	if _, ok := settingKinds[id]; !ok {
		return Setting{}, ErrUnknownSetting
	}
	return Setting{ID: id, Value: s.Settings().values[id].json}, nil
}

// ChangeSetting gives a setting another value, in force at once: a JSON text of the type that its
// default has. ErrUnknownSetting, ErrFixedSetting and ErrSettingValue are refusals.
func (s *Service) ChangeSetting(ctx context.Context, id string, value []byte) error {
	kind, ok := settingKinds[id]
	switch {
	case !ok:
		return ErrUnknownSetting
	case kind.fixed:
		return ErrFixedSetting
	}
	if err := kind.check(value); err != nil {
		return err
	}
	s.settingChanges.Lock()
	defer s.settingChanges.Unlock()
	if err := s.store.SaveSetting(ctx, Setting{ID: id, Value: value}); err != nil {
		return fmt.Errorf("save setting: %w", err)
	}
	values := maps.Clone(s.Settings().values)
	values[id] = readSetting(value)
	s.settings.Store(&Settings{values: values})
	return nil
}

// check refuses a value of another type than the default's.
func (k settingKind) check(value []byte) error {
	var err error
	switch k.standard.(type) {
	case bool:
		var v bool
		if err = json.Unmarshal(value, &v); err != nil || string(value) == "null" {
			return &ValueError{Err: ErrSettingValue, Value: "true or false"}
		}
	case int:
		var v int
		if err = json.Unmarshal(value, &v); err != nil || string(value) == "null" || v < k.least {
			return &ValueError{Err: ErrSettingValue, Value: fmt.Sprintf("a whole number, at least %d", k.least)}
		}
	default:
		var v string
		if err = json.Unmarshal(value, &v); err != nil || string(value) == "null" {
			return &ValueError{Err: ErrSettingValue, Value: "a text"}
		}
	}
	return nil
}
