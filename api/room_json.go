package api

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/grapnel-chat/grapnel/workspace"
)

// roomJSON is a room as clients know it.
type roomJSON struct {
	ID           string         `json:"_id"`
	Name         string         `json:"name,omitzero"`
	FullName     string         `json:"fname,omitzero"`
	Type         string         `json:"t"`
	Creator      *actorJSON     `json:"u,omitzero"`
	Topic        string         `json:"topic,omitzero"`
	Description  string         `json:"description,omitzero"`
	Usernames    []string       `json:"usernames,omitzero"`
	UserIDs      []string       `json:"uids,omitzero"`
	Messages     *int           `json:"msgs,omitzero"`
	Users        *int           `json:"usersCount,omitzero"`
	LastMessage  string         `json:"lm,omitzero"`
	CreatedAt    string         `json:"ts"`
	ReadOnly     bool           `json:"ro"`
	Default      bool           `json:"default"`
	Archived     bool           `json:"archived,omitzero"`
	Broadcast    bool           `json:"broadcast,omitzero"`
	Muted        []string       `json:"muted,omitzero"`
	CustomFields jsontext.Value `json:"customFields,omitzero"`
	TeamID       string         `json:"teamId,omitzero"`
	TeamMain     bool           `json:"teamMain,omitzero"`
	SysMes       bool           `json:"sysMes"`
	UpdatedAt    string         `json:"_updatedAt"`
}

func toRoomJSON(r workspace.Room) roomJSON {
	j := roomJSON{
		ID: r.ID, Name: r.Name, FullName: r.DisplayName, Type: string(r.Type), Topic: r.Topic, Description: r.Description,
		CreatedAt: isoTime(r.CreatedAt), ReadOnly: r.ReadOnly, Default: r.Default, Archived: r.Archived, Broadcast: r.Broadcast,
		Muted: r.Muted, CustomFields: r.CustomFields, TeamID: r.TeamID, TeamMain: r.TeamMain, SysMes: true, UpdatedAt: isoTime(r.UpdatedAt),
	}
	if r.Creator.ID != "" {
		j.Creator = &actorJSON{ID: r.Creator.ID, Username: r.Creator.Username}
	}
	for _, m := range r.Members {
		j.Usernames = append(j.Usernames, m.Username)
		j.UserIDs = append(j.UserIDs, m.ID)
	}
	return j
}

// with adds what was counted.
func (j roomJSON) with(s workspace.RoomStats) roomJSON {
	j.Messages, j.Users, j.LastMessage = &s.Messages, &s.Members, isoTime(s.Last)
	return j
}
