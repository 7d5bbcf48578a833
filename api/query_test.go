package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/workspace"
)

// TestPaging holds the pages of list and history against count and offset.
func TestPaging(t *testing.T) {
	t.Parallel()
	const stored = 103
	tests := []struct { // of list and history
		query          string
		offset, number int // answered
	}{
		{"", 0, 50},
		{"count=7", 0, 7},
		{"count=7&offset=100", 100, 3},
		{"offset=1", 1, 50},
		{"offset=200", 200, 0},
		{"count=100", 0, 100},
		{"count=101", 0, 100},
		{"count=1e9", 0, 100},
		{"count=1e999", 0, 100},
		{"count=Infinity", 0, 100},
		{"count=0", 0, stored},
		{"count=0&offset=3", 3, 100},
		{"count=", 0, 50},
		{"count=-1", 0, 50},
		{"count=-Infinity", 0, 50},
		{"offset=-5", 0, 50},
		{"offset=1e999", 1<<31 - 1, 0},
	}
	settings := []struct {
		name     string
		settings map[string]any
		query    string
		number   int
	}{
		{"no infinite count", map[string]any{"API_Allow_Infinite_Count": false}, "count=0", 50},
		{"another default", map[string]any{"API_Default_Count": 7}, "", 7},
		{"another limit", map[string]any{"API_Upper_Count_Limit": 9}, "count=20", 9},
		{"no limit", map[string]any{"API_Upper_Count_Limit": 0}, "count=102", 102},
	}
	fill := func(s *server) (id string) {
		s.t.Helper()
		for n := range stored {
			s.plant(s.record(fmt.Sprint("id-", n), integrations.Incoming))
		}
		id = s.made(s.admin, newOutgoing(doc{"name": "out"}))["_id"].(string)
		for range stored {
			s.planned(id, nil)
		}
		return id
	}
	check := func(s *server, path, list string, offset, number int) {
		s.t.Helper()
		a := s.get(s.admin, path).is(200)
		got := fmt.Sprint(len(a.all(list, "_id")), a.at("offset"), a.at("items"), a.at("count"), a.at("total"))
		want := fmt.Sprint(number, float64(offset), number, number, stored)
		if got != want {
			s.t.Errorf("%s answers rows, offset, items, count, total = %s, want %s", path, got, want)
		}
	}
	t.Run("default settings", func(t *testing.T) {
		t.Parallel()
		s := start(t)
		id := fill(s)
		for _, tt := range tests {
			t.Run("list "+tt.query, func(t *testing.T) {
				check(s.in(t), listPath+"?type=webhook-incoming&"+tt.query, "integrations", tt.offset, tt.number)
			})
			t.Run("history "+tt.query, func(t *testing.T) {
				check(s.in(t), historyPath+"?id="+id+"&"+tt.query, "history", tt.offset, tt.number)
			})
		}
		for _, query := range []string{"count=x", "count=NaN"} { // texts that only list accepts
			t.Run("list "+query, func(t *testing.T) {
				check(s.in(t), listPath+"?type=webhook-incoming&"+query, "integrations", 0, 50)
			})
		}
	})
	for _, tt := range settings {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, func(o *options) { o.settings = tt.settings })
			id := fill(s)
			check(s, listPath+"?type=webhook-incoming&"+tt.query, "integrations", 0, tt.number)
			check(s, historyPath+"?id="+id+"&"+tt.query, "history", 0, tt.number)
		})
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
