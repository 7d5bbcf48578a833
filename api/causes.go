package api

import (
	"github.com/gin-gonic/gin"

	"github.com/grapnel-chat/grapnel/workspace"
)

// signedKey holds the body of a request that is signed as deliveries are.
const signedKey = "signed"

func keepSigned(c *gin.Context, body []byte) {
	if c.GetHeader("Webhook-Signature") != "" {
		c.Set(signedKey, body)
	}
}

// post posts a draft as the caller. A script may send its delivery to this very API: then the message
// has the causes of that delivery.
func (a *API) post(c *gin.Context, draft workspace.Draft) ([]workspace.Posted, error) {
	if signed, ok := c.Get(signedKey); ok {
		body, _ := signed.([]byte)
		causes, err := a.Integrations.CausesOf(c.Request.Context(), c.GetHeader, body)
		if err != nil {
			return nil, err
		}
		draft.Causes = causes
	}
	return a.Workspace.PostAs(c.Request.Context(), draft)
}
