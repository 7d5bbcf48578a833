package api

import (
	"github.com/gin-gonic/gin"

	"github.com/grapnel-chat/grapnel/workspace"
)

var directs = family{kind: workspace.Direct, name: "direct message", list: "ims"}

// inDirect finds a direct room by its id, or by the name of the one who is in it besides the caller.
func (a *API) inDirect(serve gin.HandlerFunc) gin.HandlerFunc {
	return func(c *gin.Context) {
		in := document(c)
		if text(in, "roomId") == "" && text(in, "username") == "" {
			a.fail(c, codeError("error-room-param-not-provided", `Query param "roomId" or "username" is required`))
			return
		}
		if username := text(in, "username"); text(in, "roomId") == "" {
			other, err := a.userOf(c, "", username)
			if err != nil {
				a.fail(c, err)
				return
			}
			in.Set("roomId", workspace.DirectID(actor(c).ID, other.ID))
		}
		serve(c)
	}
}

func (a *API) directMessages() gin.HandlerFunc { return a.inDirect(a.roomMessages(directs)) }
func (a *API) directHistory() gin.HandlerFunc  { return a.inDirect(a.roomHistory(directs)) }
func (a *API) directMembers() gin.HandlerFunc  { return a.inDirect(a.roomMembers(directs)) }
