package api

import (
	"context"
	"log/slog"
	"regexp"

	"github.com/gin-gonic/gin"

	"github.com/grapnel-chat/grapnel/workspace"
)

// requestIDKey is where a request's context holds its id, for log lines alone.
type requestIDKey struct{}

// sound are request ids that may be taken over from the caller.
var sound = regexp.MustCompile(`^[A-Za-z0-9._-]{8,64}$`)

// identify gives the request an id, which its answer and all its log lines carry.
func identify(c *gin.Context) {
	id := c.GetHeader("X-Request-Id")
	if !sound.MatchString(id) {
		id = workspace.NewID()
	}
	c.Header("X-Request-Id", id)
	c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), requestIDKey{}, id))
}

// RequestIDs makes a log handler add the id of the request that a line was written for.
func RequestIDs(to slog.Handler) slog.Handler { return requestIDs{to} }

type requestIDs struct{ slog.Handler }

// Handle adds request_id where the context has one.
func (h requestIDs) Handle(ctx context.Context, r slog.Record) error {
	if id, ok := ctx.Value(requestIDKey{}).(string); ok {
		r.AddAttrs(slog.String("request_id", id))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs keeps adding ids.
func (h requestIDs) WithAttrs(attrs []slog.Attr) slog.Handler {
	return requestIDs{h.Handler.WithAttrs(attrs)}
}

// WithGroup keeps adding ids.
func (h requestIDs) WithGroup(name string) slog.Handler { return requestIDs{h.Handler.WithGroup(name)} }
