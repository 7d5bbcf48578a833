package api

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/grapnel-chat/grapnel/schema"
	"github.com/grapnel-chat/grapnel/workspace"
)

// itemPage is a page of integrations or of history.
type itemPage[T any] struct {
	Integrations []T `json:"integrations,omitzero"`
	History      []T `json:"history,omitzero"`
	Offset       int `json:"offset"`
	Items        int `json:"items"`
	Count        int `json:"count"`
	Total        int `json:"total"`
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

// cut is the page of a list that is in memory as a whole.
func cut[T any](list []T, page workspace.Page) []T {
	list = list[min(page.Offset, len(list)):]
	if page.Count > 0 {
		list = list[:min(page.Count, len(list))]
	}
	return list
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
