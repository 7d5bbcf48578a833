package api

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/swaggest/swgui"
	"github.com/swaggest/swgui/v5emb"
)

// newViewer makes the page that shows openapi.yaml; all that it loads is in the binary.
func newViewer(prefix string) http.Handler {
	return v5emb.NewWithConfig(swgui.Config{HideCurl: false, ShowTopBar: false})("Grapnel", prefix+"/openapi.yaml", prefix+"/docs")
}

func (a *API) openAPI(c *gin.Context) { c.Data(http.StatusOK, "application/yaml", a.OpenAPI) }

// home sends a person who opens the server's address to the page that describes it.
func (a *API) home(c *gin.Context) { c.Redirect(http.StatusFound, a.Prefix+"/docs") }

func (a *API) docs(c *gin.Context) { a.viewer.ServeHTTP(c.Writer, c.Request) }
