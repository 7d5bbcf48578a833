package api

import "github.com/gin-gonic/gin"

// scriptTypes serves the declarations that editors complete scripts with.
func (a *API) scriptTypes(c *gin.Context) {
	serveUnchanged(c, "text/plain; charset=utf-8", a.ScriptTypes)
}
