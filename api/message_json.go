package api

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/grapnel-chat/grapnel/workspace"
)

// messageJSON is a message as clients know it.
type messageJSON struct {
	ID           string         `json:"_id"`
	RoomID       string         `json:"rid"`
	Kind         string         `json:"t,omitzero"`
	Text         string         `json:"msg"`
	At           string         `json:"ts"`
	Author       authorJSON     `json:"u"`
	Alias        string         `json:"alias,omitzero"`
	Avatar       string         `json:"avatar,omitzero"`
	Emoji        string         `json:"emoji,omitzero"`
	File         *fileJSON      `json:"file,omitzero"`
	Files        []fileJSON     `json:"files,omitzero"`
	Attachments  jsontext.Value `json:"attachments,omitzero"`
	ParseURLs    bool           `json:"parseUrls"`
	Groupable    *bool          `json:"groupable,omitzero"`
	ThreadID     string         `json:"tmid,omitzero"`
	InRoom       bool           `json:"tshow,omitzero"`
	CustomFields jsontext.Value `json:"customFields,omitzero"`
	Bot          jsontext.Value `json:"bot,omitzero"`
	Reactions    map[string]who `json:"reactions,omitzero"`
	EditedAt     string         `json:"editedAt,omitzero"`
	EditedBy     *actorJSON     `json:"editedBy,omitzero"`
	UpdatedAt    string         `json:"_updatedAt"`
}

// fileJSON names a file that the message shows.
type fileJSON struct {
	ID     string `json:"_id"`
	Name   string `json:"name"`
	Type   string `json:"type"`
	Size   int64  `json:"size"`
	Format string `json:"format"`
}

// who reacted.
type who struct {
	Usernames []string `json:"usernames"`
}

type authorJSON struct {
	ID       string `json:"_id"`
	Username string `json:"username"`
	Name     string `json:"name,omitzero"`
}

func toMessageJSON(m workspace.Message) messageJSON {
	j := messageJSON{
		ID: m.ID, RoomID: m.RoomID, Kind: string(m.Kind), Text: m.Text, At: isoTime(m.At), Author: authorJSON(m.Author), Alias: m.Alias, Avatar: m.Avatar,
		Emoji: m.Emoji, Attachments: m.Attachments, ParseURLs: m.ParseURLs, Groupable: m.Groupable, ThreadID: m.ThreadID, InRoom: m.InRoom,
		CustomFields: m.Custom, Bot: m.Bot, EditedAt: isoTime(m.EditedAt), UpdatedAt: isoTime(m.UpdatedAt),
	}
	for _, f := range m.Files {
		j.Files = append(j.Files, fileJSON(f))
	}
	if len(j.Files) > 0 {
		j.File = &j.Files[0]
	}
	for _, r := range m.Reactions {
		if j.Reactions == nil {
			j.Reactions = make(map[string]who, len(m.Reactions))
		}
		j.Reactions[r.Emoji] = who{r.Usernames}
	}
	if m.Edited() {
		j.EditedBy = &actorJSON{ID: m.EditedBy.ID, Username: m.EditedBy.Username}
	}
	return j
}

type messagePage struct {
	Messages []messageJSON `json:"messages"`
	Count    int           `json:"count"`
	Offset   int           `json:"offset"`
	Total    int           `json:"total"`
}
