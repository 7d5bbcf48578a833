package api

import (
	"errors"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/grapnel-chat/grapnel/workspace"
)

// downloadFile answers a file, or the ranges of it that were asked for.
func (a *API) downloadFile(c *gin.Context) {
	f, content, err := a.Workspace.OpenFile(c.Request.Context(), actor(c), c.Param("id"))
	switch {
	case errors.Is(err, workspace.ErrUnknownFile):
		a.notFound(c)
		return
	case errors.Is(err, workspace.ErrNotAllowed):
		a.refuseFile(c)
		return
	case err != nil:
		a.fail(c, err)
		return
	}
	defer func() { _ = content.Close() }() // nothing was written
	h := c.Writer.Header()
	h.Set("Content-Type", f.Type)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Disposition", disposition(f, c.Request.URL.Query().Has("download")))
	if f.Type != pdf { // viewers of PDF do not open in a sandbox
		h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	}
	h.Set("Cache-Control", "private, max-age=31536000, immutable")
	h.Set("ETag", `"`+f.ID+`"`)
	h.Set("Referrer-Policy", "no-referrer") // the URL may hold a token
	http.ServeContent(pacedWriter{c.Writer, newPace(c.Writer)}, c.Request, "", f.CreatedAt, content)
}

const pdf = "application/pdf"

// harmlessImages are the pictures that browsers show and that cannot hold a script.
var harmlessImages = []string{"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"}

// disposition lets browsers show what can do no harm on this site; the rest is saved.
func disposition(f workspace.File, save bool) string {
	kind := "attachment"
	harmless := slices.Contains(harmlessImages, f.Type) || f.Type == pdf || strings.HasPrefix(f.Type, "audio/") || strings.HasPrefix(f.Type, "video/")
	if harmless && !save {
		kind = "inline"
	}
	return mime.FormatMediaType(kind, map[string]string{"filename": f.Name})
}

// authenticateLink lets through who is logged in, by the headers or as browsers ask for pictures: by
// the query or the cookies rc_uid and rc_token.
func (a *API) authenticateLink(c *gin.Context) {
	userID, token := linkLogin(c)
	a.letIn(c, userID, token, a.refuseFile)
}

// linkLogin answers the user's id and token, both from the same place.
func linkLogin(c *gin.Context) (userID, token string) {
	if token = c.GetHeader("X-Auth-Token"); token != "" {
		return c.GetHeader("X-User-Id"), token
	}
	if token = c.Query("rc_token"); token != "" {
		return c.Query("rc_uid"), token
	}
	userID, _ = c.Cookie("rc_uid") // one that is not there is empty
	token, _ = c.Cookie("rc_token")
	return userID, token
}

// refuseFile answers who may not read a file, logged in or not.
func (a *API) refuseFile(c *gin.Context) {
	noStore(c)
	write(c, http.StatusForbidden, failure{Error: "unauthorized"})
}
