package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/grapnel-chat/grapnel/integrations"
)

// live answers as long as the process serves at all.
func (a *API) live(c *gin.Context) { write(c, http.StatusOK, map[string]string{"status": "ok"}) }

// ready answers whether requests can be served now.
func (a *API) ready(c *gin.Context) {
	if err := a.Ready(c.Request.Context()); err != nil {
		a.announce(c, err)
		write(c, http.StatusServiceUnavailable, map[string]string{"status": "unavailable", "cause": err.Error()})
		return
	}
	write(c, http.StatusOK, map[string]string{"status": "ok"})
}

func (a *API) notFound(c *gin.Context) {
	if a.isShortHook(c.Request.URL.Path) {
		a.failHook(c, integrations.ErrUnknownHook)
		return
	}
	write(c, http.StatusNotFound, failure{Error: "Resource not found"})
}
