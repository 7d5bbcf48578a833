package api

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/grapnel-chat/grapnel/schema"
)

const documentKey = "document"

// document is the request's document as it was validated and coerced.
func document(c *gin.Context) *schema.Object {
	o, _ := c.MustGet(documentKey).(*schema.Object)
	return o
}

// validate reads the request's document and lets it through if the schema accepts it.
func (a *API) validate(s *schema.Schema) gin.HandlerFunc {
	return func(c *gin.Context) {
		given, err := a.readDocument(c, s.Location())
		if err == nil {
			given, err = s.Validate(given)
		}
		if err != nil {
			a.refuseDocument(c, s.Location(), err)
			c.Abort()
			return
		}
		c.Set(documentKey, given)
	}
}

func (a *API) readDocument(c *gin.Context, from schema.Location) (any, error) {
	if from == schema.Query {
		return parseQuery(c.Request.URL.RawQuery)
	}
	raw, err := readBody(c, a.MaxBody)
	if err != nil {
		return nil, err
	}
	keepSigned(c, raw)
	return parseBody(c.ContentType(), raw)
}

// refuseDocument words a document that was not accepted, as the compatibility level has it.
func (a *API) refuseDocument(c *gin.Context, from schema.Location, err error) {
	invalid, ok := errors.AsType[*schema.Invalid](err)
	switch {
	case errors.Is(err, errQuery):
		write(c, http.StatusBadRequest, failure{Error: "Invalid query parameters"})
	case !ok:
		a.fail(c, err)
	case a.Level >= 8:
		kind := "invalid-params"
		if from == schema.Query {
			kind = "error-invalid-params"
		}
		write(c, http.StatusBadRequest, struct {
			Success   bool   `json:"success"`
			ErrorType string `json:"errorType"`
			Error     string `json:"error"`
		}{ErrorType: kind, Error: invalid.Text})
	default:
		f := failure{Error: invalid.Text + " [invalid-params]", ErrorType: "invalid-params"}
		if a.Stacks { // at this level it counts as thrown
			f.Stack = string(debug.Stack())
		}
		write(c, http.StatusBadRequest, f)
	}
}

// tooLarge is a body over the limit.
type tooLarge struct {
	limit  int64
	option bool // it is an integration's own
}

// name is where the limit is set.
func (e *tooLarge) name() string {
	if e.option {
		return "the integration's option limits.body"
	}
	return "HOOK_MAX_BODY"
}

func (e *tooLarge) Error() string { return "request body is too large" }

// readBody reads the whole body, up to the limit.
func readBody(c *gin.Context, limit int64) ([]byte, error) {
	if c.Request.ContentLength > limit {
		return nil, &tooLarge{limit: limit}
	}
	body := http.MaxBytesReader(c.Writer, c.Request.Body, limit)
	const first = 64 << 10 // what a caller only announces takes no more than this
	raw := make([]byte, 0, min(max(c.Request.ContentLength, 0), first)+1)
	for {
		n, err := body.Read(raw[len(raw):cap(raw)])
		raw = raw[:len(raw)+n]
		if errors.Is(err, io.EOF) {
			return raw, nil
		}
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return nil, &tooLarge{limit: limit}
		}
		if err != nil {
			return nil, &unreadable{err: err}
		}
		if len(raw) == cap(raw) {
			raw = append(raw, 0)[:len(raw)]
		}
	}
}

// unreadable is a body that the caller did not send to its end.
type unreadable struct{ err error }

func (e *unreadable) Error() string { return "read request body: " + e.err.Error() }
func (e *unreadable) Unwrap() error { return e.err }

// parseBody reads a body by its content type, as upstream does: what cannot be read is an empty
// document, and text of another type is spread into an object of its characters. What is larger than
// any request is refused.
func parseBody(contentType string, raw []byte) (any, error) {
	switch {
	case strings.Contains(contentType, "application/json"):
		return parseJSON(raw)
	case strings.Contains(contentType, "application/x-www-form-urlencoded"):
		if bytes.Count(raw, []byte("&")) >= mostValues {
			return nil, tooManyValues
		}
		form := schema.DecodeForm(string(raw))
		return form, bounded(form)
	case strings.Contains(contentType, "multipart/form-data"):
		return schema.NewObject(), nil
	default:
		return spread(string(raw)), nil
	}
}

func parseJSON(raw []byte) (any, error) {
	value, err := schema.DecodeWithin(raw, mostValues)
	if errors.Is(err, schema.ErrDepth) {
		return nil, tooDeep
	}
	if errors.Is(err, schema.ErrValues) {
		return nil, tooManyValues
	}
	if err != nil {
		value = schema.NewObject()
	}
	return value, bounded(value)
}
