package api

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// contentType is exact: clients compare it as a whole.
const contentType = "application/json"

// printed is how answers are written. What was stored long ago may hold a name twice or bytes that
// are no UTF-8; it must not make a whole page unreadable.
var printed = json.JoinOptions(json.Deterministic(true), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// write answers with a document.
func write(c *gin.Context, status int, document any) {
	text, err := json.Marshal(document, printed)
	if err != nil {
		_ = c.Error(err)
		status, text = http.StatusInternalServerError, []byte(`{"success":false,"error":"Internal server error"}`)
	}
	c.Data(status, contentType, text)
}

// fields is an answer with one or several named parts.
type fields map[string]any

// reply answers what a handler came to: the document with success added to it, or the error.
func (a *API) reply(c *gin.Context, document any, err error) {
	if err != nil {
		a.fail(c, err)
		return
	}
	text, err := json.Marshal(document, printed)
	if err != nil {
		a.fail(c, err)
		return
	}
	noStore(c)
	c.Data(http.StatusOK, contentType, withSuccess(text))
}

// withSuccess adds the last member that every successful answer has.
func withSuccess(object []byte) []byte {
	open := object[:len(object)-1]
	if len(open) > 1 {
		open = append(open, ',')
	}
	return append(open, `"success":true}`...)
}

// noStore marks what a handler answered, which no cache may keep.
func noStore(c *gin.Context) {
	c.Header("Cache-Control", "no-store")
	c.Header("Pragma", "no-cache")
}
