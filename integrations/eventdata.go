package integrations

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/grapnel-chat/grapnel/workspace"
)

// Receivers get documents of the wire that have to be stored as they were when the event happened,
// so they are written here and not by the API. Members that do not belong to the event are left out.

// eventData is what a receiver gets of any event.
type eventData struct {
	Token       *string          `json:"token,omitzero"`
	Bot         jsontext.Value   `json:"bot"`
	TriggerWord string           `json:"trigger_word,omitzero"`
	ChannelID   string           `json:"channel_id,omitzero"`
	ChannelName string           `json:"channel_name,omitzero"`
	MessageID   string           `json:"message_id,omitzero"`
	Timestamp   string           `json:"timestamp"`
	UserID      string           `json:"user_id"`
	UserName    string           `json:"user_name"`
	Text        *string          `json:"text,omitzero"`
	SiteURL     string           `json:"siteUrl,omitzero"`
	Alias       string           `json:"alias,omitzero"`
	IsEdited    bool             `json:"isEdited,omitzero"`
	ThreadID    string           `json:"tmid,omitzero"`
	User        *userDocument    `json:"user,omitzero"`
	Owner       *userDocument    `json:"owner,omitzero"`
	Room        *roomDocument    `json:"room,omitzero"`
	Message     *messageDocument `json:"message,omitzero"`
}

func (x *Index) data(i Integration, ev workspace.Event, word string) eventData {
	d := eventData{
		Token: i.Token, Bot: jsontext.Value("false"), TriggerWord: word, ChannelID: ev.Room.ID, ChannelName: ev.Room.Name,
		Timestamp: timestamp(ev.At), UserID: ev.User.ID, UserName: ev.User.Username,
	}
	switch ev.Kind {
	case workspace.SendMessage:
		d.setMessage(ev.Message)
		d.SiteURL = x.siteURL
		return d
	case workspace.FileUploaded:
		d.setMessage(ev.Message)
		d.User, d.Room, d.Message = newUserDocument(ev.User), newRoomDocument(ev.Room, ev.Stats), newMessageDocument(ev.Message)
		return d // its bot is the message's, not the user's
	case workspace.RoomCreated:
		d.Timestamp = timestamp(ev.Room.CreatedAt)
		d.Owner, d.Room = newUserDocument(ev.User), newRoomDocument(ev.Room, ev.Stats)
		return d
	case workspace.UserCreated:
		d.Timestamp = timestamp(ev.User.CreatedAt)
		d.setUser(ev.User)
		return d
	default: // somebody did something to a room
	}
	d.setUser(ev.User)
	d.Room = newRoomDocument(ev.Room, ev.Stats)
	return d
}

func (d *eventData) setMessage(m workspace.Message) {
	if m.Bot != nil {
		d.Bot = m.Bot
	}
	d.MessageID, d.Timestamp, d.UserID, d.UserName = m.ID, timestamp(m.At), m.Author.ID, m.Author.Username
	d.Text, d.Alias, d.IsEdited, d.ThreadID = &m.Text, m.Alias, m.Edited(), m.ThreadID
}

func (d *eventData) setUser(u workspace.User) {
	if u.Bot {
		d.Bot = jsontext.Value("true")
	}
	d.User = newUserDocument(u)
}

// userDocument is a user without what only the server may know.
type userDocument struct {
	ID           string          `json:"_id"`
	CreatedAt    string          `json:"createdAt"`
	Username     string          `json:"username"`
	Name         string          `json:"name,omitzero"`
	Emails       []emailDocument `json:"emails,omitzero"`
	Type         string          `json:"type"`
	Active       bool            `json:"active"`
	Roles        []string        `json:"roles"`
	StatusText   string          `json:"statusText,omitzero"`
	Bio          string          `json:"bio,omitzero"`
	Nickname     string          `json:"nickname,omitzero"`
	CustomFields jsontext.Value  `json:"customFields,omitzero"`
	MustChange   bool            `json:"requirePasswordChange,omitzero"`
	UpdatedAt    string          `json:"_updatedAt"`
}

type emailDocument struct {
	Address  string `json:"address"`
	Verified bool   `json:"verified"`
}

func newUserDocument(u workspace.User) *userDocument {
	d := &userDocument{
		ID: u.ID, CreatedAt: timestamp(u.CreatedAt), Username: u.Username, Name: u.Name, Type: "user", Active: u.Active,
		Roles: u.Roles, StatusText: u.StatusText, Bio: u.Bio, Nickname: u.Nickname, CustomFields: u.CustomFields,
		MustChange: u.MustChange, UpdatedAt: timestamp(u.UpdatedAt),
	}
	if u.Bot {
		d.Type = "bot"
	}
	if u.Email != "" {
		d.Emails = []emailDocument{{u.Email, u.Verified}}
	}
	return d
}

// userRefDocument names a user.
type userRefDocument struct {
	ID       string `json:"_id"`
	Username string `json:"username"`
	Name     string `json:"name,omitzero"`
}

func newUserRefDocument(u workspace.UserRef) *userRefDocument {
	if u.ID == "" {
		return nil
	}
	return &userRefDocument{u.ID, u.Username, u.Name}
}

// roomDocument is a room with what was counted in it.
type roomDocument struct {
	ID           string           `json:"_id"`
	Type         string           `json:"t"`
	Name         string           `json:"name,omitzero"`
	FullName     string           `json:"fname,omitzero"`
	Creator      *userRefDocument `json:"u,omitzero"`
	Topic        string           `json:"topic,omitzero"`
	Description  string           `json:"description,omitzero"`
	Usernames    []string         `json:"usernames,omitzero"`
	UserIDs      []string         `json:"uids,omitzero"`
	Messages     int              `json:"msgs"`
	Users        int              `json:"usersCount"`
	LastMessage  string           `json:"lm,omitzero"`
	CreatedAt    string           `json:"ts"`
	ReadOnly     bool             `json:"ro"`
	Default      bool             `json:"default,omitzero"`
	Archived     bool             `json:"archived,omitzero"`
	Broadcast    bool             `json:"broadcast,omitzero"`
	Muted        []string         `json:"muted,omitzero"`
	CustomFields jsontext.Value   `json:"customFields,omitzero"`
	TeamID       string           `json:"teamId,omitzero"`
	TeamMain     bool             `json:"teamMain,omitzero"`
	SystemTexts  bool             `json:"sysMes"`
	UpdatedAt    string           `json:"_updatedAt"`
}

func newRoomDocument(r workspace.Room, s workspace.RoomStats) *roomDocument {
	d := &roomDocument{
		ID: r.ID, Type: string(r.Type), Name: r.Name, FullName: r.DisplayName, Creator: newUserRefDocument(r.Creator),
		Topic: r.Topic, Description: r.Description, Messages: s.Messages, Users: s.Members, CreatedAt: timestamp(r.CreatedAt),
		ReadOnly: r.ReadOnly, Default: r.Default, Archived: r.Archived, Broadcast: r.Broadcast, Muted: r.Muted,
		CustomFields: r.CustomFields, TeamID: r.TeamID, TeamMain: r.TeamMain, SystemTexts: true, UpdatedAt: timestamp(r.UpdatedAt),
	}
	for _, m := range r.Members {
		d.Usernames, d.UserIDs = append(d.Usernames, m.Username), append(d.UserIDs, m.ID)
	}
	if !s.Last.IsZero() {
		d.LastMessage = timestamp(s.Last)
	}
	return d
}

// messageDocument is a message as it stands in its room.
type messageDocument struct {
	ID           string           `json:"_id"`
	RoomID       string           `json:"rid"`
	Text         string           `json:"msg"`
	At           string           `json:"ts"`
	Author       *userRefDocument `json:"u"`
	Alias        string           `json:"alias,omitzero"`
	Avatar       string           `json:"avatar,omitzero"`
	Emoji        string           `json:"emoji,omitzero"`
	File         *fileDocument    `json:"file,omitzero"`
	Files        []fileDocument   `json:"files,omitzero"`
	Attachments  jsontext.Value   `json:"attachments,omitzero"`
	ParseURLs    bool             `json:"parseUrls"`
	Groupable    *bool            `json:"groupable,omitzero"`
	ThreadID     string           `json:"tmid,omitzero"`
	CustomFields jsontext.Value   `json:"customFields,omitzero"`
	Bot          jsontext.Value   `json:"bot,omitzero"`
	UpdatedAt    string           `json:"_updatedAt"`
}

// fileDocument names a file that a message shows.
type fileDocument struct {
	ID     string `json:"_id"`
	Name   string `json:"name"`
	Type   string `json:"type"`
	Size   int64  `json:"size"`
	Format string `json:"format"`
}

func newMessageDocument(m workspace.Message) *messageDocument {
	d := &messageDocument{
		ID: m.ID, RoomID: m.RoomID, Text: m.Text, At: timestamp(m.At), Author: newUserRefDocument(m.Author), Alias: m.Alias,
		Avatar: m.Avatar, Emoji: m.Emoji, Attachments: m.Attachments, ParseURLs: m.ParseURLs, Groupable: m.Groupable,
		ThreadID: m.ThreadID, CustomFields: m.Custom, Bot: m.Bot, UpdatedAt: timestamp(m.UpdatedAt),
	}
	for _, f := range m.Files {
		d.Files = append(d.Files, fileDocument(f))
	}
	if len(d.Files) > 0 {
		d.File = &d.Files[0]
	}
	return d
}
