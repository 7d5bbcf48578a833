package api

import (
	"errors"

	"github.com/gin-gonic/gin"

	"github.com/grapnel-chat/grapnel/schema"
	"github.com/grapnel-chat/grapnel/workspace"
)

// teamJSON is a team as clients know it.
type teamJSON struct {
	ID        string    `json:"_id"`
	Name      string    `json:"name"`
	Type      int       `json:"type"`
	RoomID    string    `json:"roomId"`
	CreatedAt string    `json:"createdAt"`
	CreatedBy actorJSON `json:"createdBy"`
	UpdatedAt string    `json:"_updatedAt"`
	Rooms     *int      `json:"rooms,omitzero"`
	Users     *int      `json:"numberOfUsers,omitzero"`
}

func toTeamJSON(t workspace.Team) teamJSON {
	j := teamJSON{
		ID: t.ID(), Name: t.Main.Name, RoomID: t.Main.ID, CreatedAt: isoTime(t.Main.CreatedAt),
		CreatedBy: actorJSON{ID: t.Main.Creator.ID, Username: t.Main.Creator.Username}, UpdatedAt: isoTime(t.Main.UpdatedAt),
	}
	if t.Main.Type == workspace.Group {
		j.Type = 1
	}
	return j
}

func toCountedTeamJSON(t workspace.Team) teamJSON {
	j := toTeamJSON(t)
	j.Rooms, j.Users = &t.Rooms, &t.Members
	return j
}

// teamMemberJSON is somebody in a team.
type teamMemberJSON struct {
	User      userJSON `json:"user"`
	Roles     []string `json:"roles"`
	CreatedAt string   `json:"createdAt"`
}

func toTeamMemberJSON(m workspace.TeamMember) teamMemberJSON {
	roles := m.Roles
	if roles == nil {
		roles = []string{}
	}
	return teamMemberJSON{User: toPublicUserJSON(m.User), Roles: roles, CreatedAt: isoTime(m.JoinedAt)}
}

func (a *API) createTeam(c *gin.Context) {
	in := document(c)
	room := member[*schema.Object](in, "room")
	if room == nil {
		room = schema.NewObject()
	}
	if text(room, "id") != "" {
		a.fail(c, codeError("error-action-not-allowed", "A team's main room is made along with it: leave out room.id"))
		return
	}
	extra := member[*schema.Object](room, "extraData")
	if extra == nil {
		extra = schema.NewObject()
	}
	team, err := a.Workspace.CreateTeam(c.Request.Context(), actor(c), workspace.NewTeam{
		Name: text(in, "name"), Private: member[float64](in, "type") == 1, Owner: text(in, "owner"), Members: texts(in, "members"),
		Topic: firstText(text(room, "topic"), text(extra, "topic")), ReadOnly: member[bool](room, "readOnly"), Broadcast: member[bool](extra, "broadcast"),
	})
	switch {
	case errors.Is(err, workspace.ErrRoomNameTaken):
		a.fail(c, plainError("room-name-already-exists"))
	case err != nil:
		a.failRoom(c, err)
	default:
		a.reply(c, fields{"team": toTeamJSON(team)}, nil)
	}
}

// firstText answers the first text that is not empty.
func firstText(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

func teamRef(in *schema.Object) workspace.TeamRef {
	return workspace.TeamRef{ID: text(in, "teamId"), Name: text(in, "teamName")}
}

func (a *API) deleteTeam(c *gin.Context) {
	in := document(c)
	if err := a.Workspace.RemoveTeam(c.Request.Context(), actor(c), teamRef(in), texts(in, "roomsToRemove")); err != nil {
		a.failRoom(c, err)
		return
	}
	a.reply(c, fields{}, nil)
}

func (a *API) teamInfo(c *gin.Context) {
	team, err := a.Workspace.Team(c.Request.Context(), actor(c), teamRef(document(c)))
	switch {
	case errors.Is(err, workspace.ErrUnknownTeam):
		a.fail(c, plainError("Team not found"))
	case err != nil:
		a.failRoom(c, err)
	default:
		a.reply(c, fields{"teamInfo": toCountedTeamJSON(team)}, nil)
	}
}

func (a *API) teamMembers(c *gin.Context) {
	in := document(c)
	page, err := a.page(c)
	if err != nil {
		a.fail(c, err)
		return
	}
	found, total, err := a.Workspace.TeamMembers(c.Request.Context(), actor(c), teamRef(in), firstOf(in, "username", "name"), page)
	rows := each(found, toTeamMemberJSON)
	a.reply(c, fields{"members": rows, "count": len(rows), "offset": page.Offset, "total": total}, err)
}

func (a *API) listTeams(c *gin.Context) {
	page, err := a.page(c)
	if err != nil {
		a.fail(c, err)
		return
	}
	found, total, err := a.Workspace.OwnTeams(c.Request.Context(), actor(c), page)
	a.replyTeams(c, found, page, total, err)
}

func (a *API) listAllTeams(c *gin.Context) {
	page, err := a.page(c)
	if err != nil {
		a.fail(c, err)
		return
	}
	found, total, err := a.Workspace.AllTeams(c.Request.Context(), actor(c), page)
	if err != nil {
		a.failRoom(c, err)
		return
	}
	a.replyTeams(c, found, page, total, nil)
}

func (a *API) replyTeams(c *gin.Context, found []workspace.Team, page workspace.Page, total int, err error) {
	rows := each(found, toCountedTeamJSON)
	a.reply(c, fields{"teams": rows, "count": len(rows), "offset": page.Offset, "total": total}, err)
}
