package api

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/grapnel-chat/grapnel/schema"
	"github.com/grapnel-chat/grapnel/workspace"
)

// uploadFile keeps a file and posts it, with the texts that came in the same form.
func (a *API) uploadFile(c *gin.Context) {
	form, err := a.readUpload(c)
	if err != nil {
		a.failUpload(c, err)
		return
	}
	content := workspace.Content{
		Text: form.text("msg"), Alias: form.text("alias"), Avatar: form.text("avatar"), Emoji: form.text("emoji"),
		ThreadID: form.text("tmid"), Custom: form.object("customFields"),
	}
	a.postFile(c, workspace.FilePost{
		Draft: content.Draft(actor(c), workspace.Defaults{}), File: form.file, Description: form.text("description"),
	})
}

// uploadMedia keeps a file that confirmMedia posts.
func (a *API) uploadMedia(c *gin.Context) {
	form, err := a.readUpload(c)
	if err != nil {
		a.failUpload(c, err)
		return
	}
	a.reply(c, fields{"file": struct {
		ID  string `json:"_id"`
		URL string `json:"url"`
	}{form.file.ID, form.file.Path()}}, nil)
}

func (a *API) confirmMedia(c *gin.Context) {
	ctx := c.Request.Context()
	room, err := a.Workspace.UploadRoom(ctx, actor(c), c.Param("rid"))
	if err != nil {
		a.failUpload(c, err)
		return
	}
	file, err := a.Workspace.WaitingFile(ctx, actor(c), room, c.Param("fileId"))
	if err != nil {
		a.failUpload(c, err)
		return
	}
	in := document(c)
	content, err := workspace.ReadContent(schema.Encode(in))
	if err != nil {
		a.fail(c, err)
		return
	}
	m, err := a.Workspace.PostFile(ctx, workspace.FilePost{
		Draft: content.Draft(actor(c), workspace.Defaults{}), File: file, Name: text(in, "fileName"), Description: text(in, "description"),
	})
	if err != nil {
		a.failUpload(c, err)
		return
	}
	a.reply(c, fields{"message": toMessageJSON(m)}, nil)
}

// postFile posts a file that nobody else knows, and forgets it where that is refused.
func (a *API) postFile(c *gin.Context, in workspace.FilePost) {
	m, err := a.Workspace.PostFile(c.Request.Context(), in)
	if err != nil {
		a.failUpload(c, errors.Join(err, a.forget(c, in.File)))
		return
	}
	a.reply(c, fields{"message": toMessageJSON(m)}, nil)
}

// failUpload words what uploads are refused for. Whether there is such a room is not told.
func (a *API) failUpload(c *gin.Context, err error) {
	if errors.Is(err, workspace.ErrNotAllowed) {
		noStore(c)
		write(c, http.StatusForbidden, failure{Error: "unauthorized"})
		return
	}
	a.fail(c, err)
}
