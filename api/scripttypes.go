package api

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"

	"github.com/gin-gonic/gin"
)

// scriptTypes serves the declarations that editors complete scripts with. They change with the
// server's version, so a copy is asked about again after an hour.
func (a *API) scriptTypes(c *gin.Context) {
	sum := sha256.Sum256(a.ScriptTypes)
	tag := `"` + hex.EncodeToString(sum[:8]) + `"`
	c.Header("Cache-Control", "public, max-age=3600")
	c.Header("ETag", tag)
	if c.GetHeader("If-None-Match") == tag {
		c.Status(http.StatusNotModified)
		return
	}
	c.Data(http.StatusOK, "text/plain; charset=utf-8", a.ScriptTypes)
}
