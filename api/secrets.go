package api

import (
	"time"

	"github.com/gin-gonic/gin"

	"github.com/grapnel-chat/grapnel/integrations"
)

// getSecret answers what a receiver checks signatures with.
func (a *API) getSecret(c *gin.Context) {
	secrets, err := a.Integrations.Secrets(c.Request.Context(), actor(c), text(document(c), "integrationId"))
	a.replySecrets(c, secrets, err)
}

func (a *API) rotateSecret(c *gin.Context) {
	in := document(c)
	keepFor, err := keepFor(c)
	if err != nil {
		a.fail(c, err)
		return
	}
	secrets, err := a.Integrations.RotateSecret(c.Request.Context(), actor(c), text(in, "integrationId"), keepFor)
	a.replySecrets(c, secrets, err)
}

// keepFor reads for how long the secret before counts; nil where the request says nothing of it.
func keepFor(c *gin.Context) (*time.Duration, error) {
	value, _ := document(c).Get("keepFor")
	if value == nil {
		return nil, nil //nolint:nilnil // nothing was sent, and that is no error
	}
	seconds, ok := value.(float64)
	if !ok || !(seconds >= 0 && seconds <= 1e9) { // more than a duration holds is refused like what is no number
		return nil, &integrations.OptionError{Member: "keepFor", Want: "has to be a number of seconds from 0 to 2592000"}
	}
	keep := time.Duration(seconds * float64(time.Second))
	return &keep, nil
}

// secretsJSON are an integration's secrets as clients know them.
type secretsJSON struct {
	Secret   string        `json:"secret"`
	Previous *previousJSON `json:"previous"`
}

type previousJSON struct {
	Secret string `json:"secret"`
	Until  string `json:"until"`
}

func (a *API) replySecrets(c *gin.Context, s integrations.Secrets, err error) {
	noStore(c)
	j := secretsJSON{Secret: s.Current}
	if s.Previous != "" {
		j.Previous = &previousJSON{Secret: s.Previous, Until: isoTime(s.Until)}
	}
	a.reply(c, fields{"secrets": j}, wordFind(err))
}
