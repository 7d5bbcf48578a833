package api

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/schema"
	"github.com/grapnel-chat/grapnel/workspace"
)

// member answers a member of the type, or the type's zero.
func member[T any](o *schema.Object, name string) T {
	value, _ := o.Get(name)
	typed, _ := value.(T)
	return typed
}

func text(o *schema.Object, name string) string { return member[string](o, name) }

// optional answers a member that may be left out or null.
func optional[T any](o *schema.Object, name string) integrations.Optional[T] {
	value, sent := o.Get(name)
	out := integrations.Optional[T]{Sent: sent}
	if typed, ok := value.(T); ok {
		out.Value = &typed
	}
	return out
}

// optionalTexts answers an optional array of texts.
func optionalTexts(o *schema.Object, name string) integrations.Optional[[]string] {
	out := integrations.Optional[[]string]{}
	value, sent := o.Get(name)
	out.Sent = sent
	if _, ok := value.([]any); ok {
		list := texts(o, name)
		out.Value = &list
	}
	return out
}

// texts answers the texts of an array; what is no text is left out. It is never nil.
func texts(o *schema.Object, name string) []string {
	list := []string{}
	for _, item := range member[[]any](o, name) {
		if text, ok := item.(string); ok {
			list = append(list, text)
		}
	}
	return list
}

// object answers a member that is an object as JSON text, or nil.
func object(o *schema.Object, name string) []byte {
	if inner := member[*schema.Object](o, name); inner != nil {
		return schema.Encode(inner)
	}
	return nil
}

// firstOf answers the first of the members that is there.
func firstOf(o *schema.Object, names ...string) string {
	for _, name := range names {
		if value := text(o, name); value != "" {
			return value
		}
	}
	return ""
}

// page reads count, offset and sort. Lists have at most as many rows as the setting allows.
func (a *API) page(c *gin.Context) (workspace.Page, error) {
	q := document(c)
	settings := a.Workspace.Settings()
	page := workspace.Page{Offset: max(number(q, "offset", 0), 0), Count: number(q, "count", settings.Int("API_Default_Count"))}
	limit := settings.Int("API_Upper_Count_Limit")
	switch {
	case page.Count == 0 && settings.Bool("API_Allow_Infinite_Count"):
	case page.Count <= 0:
		page.Count = settings.Int("API_Default_Count")
	case limit > 0:
		page.Count = min(page.Count, limit)
	}
	var err error
	page.Sort, err = sorting(text(q, "sort"))
	return page, err
}

// number reads a whole number that may be written as a text.
func number(o *schema.Object, name string, otherwise int) int {
	value, _ := o.Get(name)
	if text, ok := value.(string); ok && strings.TrimSpace(text) != "" {
		n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if (err == nil || errors.Is(err, strconv.ErrRange)) && !math.IsNaN(n) {
			value = n
		}
	}
	if n, ok := value.(float64); ok {
		return int(max(min(n, math.MaxInt32), math.MinInt32))
	}
	return otherwise
}

// badSort is a sort parameter that is not an object of 1 and -1.
type badSort struct{ raw string }

func (e *badSort) Error() string { return "invalid sort parameter" }

// sorting reads a sort such as {"name":1}.
func sorting(raw string) ([]workspace.Order, error) {
	if raw == "" {
		return nil, nil
	}
	value, err := schema.Decode([]byte(raw))
	o, ok := value.(*schema.Object)
	if err != nil || !ok {
		return nil, &badSort{raw: raw}
	}
	var orders []workspace.Order
	for field, direction := range o.All() {
		if direction != 1.0 && direction != -1.0 {
			return nil, &badSort{raw: raw}
		}
		orders = append(orders, workspace.Order{Field: field, Descending: direction == -1.0})
	}
	return orders, nil
}
