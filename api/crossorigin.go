package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
)

const (
	allowedHeaders = "Origin, X-Requested-With, Content-Type, Accept, X-User-Id, X-Auth-Token, x-visitor-token, Authorization, MCP-Protocol-Version"
	allowedMethods = "GET, POST, PUT, DELETE, HEAD, PATCH"
)

// crossOrigin lets pages of other sites call the API, and answers their preflight requests as the
// settings say.
func (a *API) crossOrigin(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("X-Instance-ID", a.instanceID)
	if c.Request.Method != http.MethodOptions {
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Access-Control-Allow-Headers", allowedHeaders)
		return
	}
	a.preflight(c)
	c.Abort()
}

func (a *API) preflight(c *gin.Context) {
	const plain = "text/plain; charset=UTF-8"
	h, settings := c.Writer.Header(), a.Workspace.Settings()
	origin := c.GetHeader("Origin")
	allowed := settings.Text("API_CORS_Origin")
	switch {
	case origin == "" && c.GetHeader("Access-Control-Request-Method") == "":
		c.Data(http.StatusOK, plain, []byte("OK"))
		return
	case !settings.Bool("API_Enable_CORS"):
		c.Data(http.StatusMethodNotAllowed, plain, []byte(`CORS not enabled. Go to "Admin > General > REST Api" to enable it.`))
		return
	case allowed == "*":
		h.Set("Access-Control-Allow-Origin", "*")
	case slices.Contains(origins(allowed), origin):
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Vary", "Origin")
	default:
		c.Data(http.StatusForbidden, plain, []byte("Invalid origin"))
		return
	}
	h.Set("Access-Control-Allow-Methods", allowedMethods)
	h.Set("Access-Control-Allow-Headers", allowedHeaders)
	c.Status(http.StatusOK)
}

// origins are the entries of a comma separated list.
func origins(list string) []string {
	entries := strings.Split(list, ",")
	for n, e := range entries {
		entries[n] = strings.TrimSpace(e)
	}
	return entries
}
