package api

import (
	"fmt"
	"hash/fnv"
	"strings"
	"unicode"

	"github.com/gin-gonic/gin"
)

// avatar serves a user's picture: the first letter of their name on a colour of its own. It asks nobody
// whether there is such a user, so it tells strangers nothing.
func (a *API) avatar(c *gin.Context) {
	serveUnchanged(c, "image/svg+xml", drawAvatar(c.Param("username")))
}

// grounds are what a white letter can be read on.
var grounds = [...]string{
	"#a3372a", "#8a2f6b", "#6a3fa0", "#3f51a8", "#1f64a8", "#00697a", "#0b6e4f", "#4a6b12", "#7a5a00", "#8f4a13", "#5d4a42", "#44566b",
}

func drawAvatar(username string) []byte {
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><rect width="100" height="100" fill="%s"/>`+
		`<text x="50" y="50" dy="0.35em" text-anchor="middle" font-family="Helvetica, Arial, sans-serif" font-size="60" fill="#ffffff">%s</text></svg>`,
		groundOf(username), initialOf(username))
}

// groundOf is the same for every spelling of a username.
func groundOf(username string) string {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(strings.ToLower(username))) // a hash takes everything
	return grounds[sum.Sum32()%uint32(len(grounds))]
}

// initialOf is the first letter or digit, so nothing that means something in SVG.
func initialOf(username string) string {
	for _, r := range username {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return strings.ToUpper(string(r))
		}
	}
	return "?"
}
