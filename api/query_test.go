package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/workspace"
)

// TestPaging holds the pages of list and history against count and offset. Small limits keep the
// lists short.
func TestPaging(t *testing.T) {
	t.Parallel()
	const stored = 13
	small := map[string]any{"API_Default_Count": 5, "API_Upper_Count_Limit": 10}
	pages := []page{
		{"", 0, 5},
		{"count=7", 0, 7},
		{"count=7&offset=10", 10, 3},
		{"offset=1", 1, 5},
		{"offset=20", 20, 0},
		{"count=10", 0, 10},
		{"count=11", 0, 10},
		{"count=1e9", 0, 10},
		{"count=1e999", 0, 10},
		{"count=Infinity", 0, 10},
		{"count=0", 0, stored},
		{"count=0&offset=3", 3, 10},
		{"count=", 0, 5},
		{"count=-1", 0, 5},
		{"count=-Infinity", 0, 5},
		{"offset=-5", 0, 5},
		{"offset=1e999", 1<<31 - 1, 0},
	}
	t.Run("small", func(t *testing.T) {
		t.Parallel()
		s := start(t, func(o *options) { o.settings = small })
		s.checkPages(s.fill(stored), stored, pages...)
		for _, query := range []string{"count=x", "count=NaN"} { // texts that only list accepts
			s.checkPage(listPath+"?type=webhook-incoming&"+query, "integrations", stored, page{query, 0, 5})
		}
	})
	settings := []struct {
		name     string
		settings map[string]any
		page     page
	}{
		{"no infinite count", changed(small, doc{"API_Allow_Infinite_Count": false}), page{"count=0", 0, 5}},
		{"no limit", changed(small, doc{"API_Upper_Count_Limit": 0}), page{"count=12", 0, 12}},
	}
	for _, tt := range settings {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, func(o *options) { o.settings = tt.settings })
			s.checkPages(s.fill(stored), stored, tt.page)
		})
	}
	t.Run("a new workspace's settings", func(t *testing.T) {
		t.Parallel()
		s := start(t)
		s.checkPages(s.fill(101), 101, page{"", 0, 50}, page{"count=101", 0, 100}, page{"count=0", 0, 101})
	})
}

// page is a query and what it answers.
type page struct {
	query        string
	offset, rows int
}

// fill makes so many incoming integrations, and an outgoing one with as many deliveries.
func (s *server) fill(n int) (outgoing string) {
	s.t.Helper()
	outgoing = s.made(s.admin, newOutgoing(nil))["_id"].(string)
	for i := range n {
		s.plant(s.record(fmt.Sprint("id-", i), integrations.Incoming))
		s.planned(outgoing, nil)
	}
	return outgoing
}

func (s *server) checkPages(outgoing string, total int, pages ...page) {
	s.t.Helper()
	for _, p := range pages {
		s.checkPage(listPath+"?type=webhook-incoming&"+p.query, "integrations", total, p)
		s.checkPage(historyPath+"?id="+outgoing+"&"+p.query, "history", total, p)
	}
}

func (s *server) checkPage(path, list string, total int, want page) {
	s.t.Helper()
	a := s.get(s.admin, path).is(200)
	got := []any{float64(len(a.all(list, "_id"))), a.at("offset"), a.at("items"), a.at("count"), a.at("total")}
	if !slices.Equal(got, []any{float64(want.rows), float64(want.offset), float64(want.rows), float64(want.rows), float64(total)}) {
		s.t.Errorf("%s answers rows, offset, items, count, total = %v, want %d, %d, %d, %d, %d",
			path, got, want.rows, want.offset, want.rows, want.rows, total)
	}
}

// TestUnreadableQueries is about query strings that go over the limits of arrays and parameters.
func TestUnreadableQueries(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.made(s.admin, newIncoming(doc{"name": workspace.GeneralName}))
	const unreadable = `{"success":false,"error":"Invalid query parameters"}`
	for _, path := range []string{listPath, getPath, historyPath} {
		for name, query := range map[string]string{
			"one name 501 times":   strings.TrimPrefix(strings.Repeat("&name=a", 501), "&"),
			"501 items":            strings.TrimPrefix(strings.Repeat("&name[]=a", 501), "&"),
			"more than 1000 names": strings.TrimPrefix(strings.Repeat("&name", 1001), "&"),
		} {
			t.Run(path+" "+name, func(t *testing.T) { s.in(t).get(s.admin, path+"?"+query).says(400, unreadable) })
		}
	}
	for name, tt := range map[string]struct {
		query string
		total float64
	}{
		"encoded":                  {"%6Eame=%67eneral", 1},
		"plus is a space":          {"name=gene+ral", 0},
		"broken escape stays":      {"name=%zz", 0},
		"empty pairs":              {"&&name=general&&", 1},
		"no name":                  {"=x", 1},
		"members of every object":  {"toString=x&__proto__=y&constructor[a]=z&name=general", 1},
		"semicolon does not split": {"name=general;type=x", 0},
	} {
		t.Run("list "+name, func(t *testing.T) {
			a := s.in(t).get(s.admin, listPath+"?"+tt.query).is(200)
			if got := a.at("total"); got != tt.total {
				t.Errorf("total = %v, want %v: %s", got, tt.total, a.body)
			}
		})
	}
}
