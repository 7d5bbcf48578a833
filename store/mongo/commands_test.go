package mongo

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/store/storetest"
	"github.com/grapnel-chat/grapnel/workspace"
)

var update = flag.Bool("update", false, "write testdata/queries.txt")

// recorder keeps the commands that a store sends.
type recorder struct {
	mu   sync.Mutex
	sent []bson.Raw
}

func (r *recorder) set(o *options.ClientOptions) {
	o.SetMonitor(&event.CommandMonitor{Started: func(_ context.Context, e *event.CommandStartedEvent) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.sent = append(r.sent, slices.Clone(e.Command))
	}})
}

// take answers what was sent since it was last asked.
func (r *recorder) take() []bson.Raw {
	r.mu.Lock()
	defer r.mu.Unlock()
	sent := r.sent
	r.sent = nil
	return sent
}

func TestClaimIsOneCommand(t *testing.T) {
	var r recorder
	s := openAt(t, newDatabase(t), r.set)
	ctx, now := t.Context(), storetest.At(5)
	if err := s.AddEffects(ctx, storetest.Effects(1, 1, "a")); err != nil {
		t.Fatal(err)
	}
	r.take()
	rows, err := s.Claim(ctx, integrations.Claim{Now: now, Lease: time.Minute, Limit: 1})
	if err != nil || len(rows) != 1 {
		t.Fatalf("Claim = %v, %v", rows, err)
	}
	sent := r.take()
	if len(sent) != 1 {
		t.Fatalf("a claim sent %d commands: %v", len(sent), sent)
	}
	var c struct {
		Name   string `bson:"findAndModify"`
		Query  bson.D `bson:"query"`
		Sort   bson.D `bson:"sort"`
		Update bson.D `bson:"update"`
	}
	if err := bson.Unmarshal(sent[0], &c); err != nil {
		t.Fatal(err)
	}
	at := func(t time.Time) bson.DateTime { return bson.NewDateTimeFromTime(t) }
	for what, pair := range map[string][2]any{
		"collection": {c.Name, "grapnel_deliveries"},
		"query":      {c.Query, bson.D{is("state", "waiting"), is("due", bson.D{is("$lte", at(now))}), is("leaseUntil", bson.D{is("$lte", at(now))})}},
		"sort":       {c.Sort, bson.D{is("due", int32(1)), is("seq", int32(1))}},
		"update": {c.Update, bson.D{
			is("$set", bson.D{is("state", "waiting"), is("leaseUntil", at(now.Add(time.Minute)))}), is("$inc", bson.D{is("fence", int32(1))}),
		}},
	} {
		if got, want := fmt.Sprint(pair[0]), fmt.Sprint(pair[1]); got != want {
			t.Errorf("%s of a claim is %s, want %s", what, got, want)
		}
	}
}

// TestQueries runs the whole suite and holds, of every kind of query that was sent, which index it
// uses: testdata/queries.txt is the table. No query goes through all documents, and no find is without
// a bound.
func TestQueries(t *testing.T) {
	var r recorder
	t.Run("suite", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T) storetest.Store { return openAt(t, newDatabase(t), r.set) })
	})
	leaveUnfinished(t, r.set)
	queries := map[string]query{}
	for _, sent := range r.take() {
		for _, q := range queriesOf(t, sent) {
			queries[q.String()] = q
		}
	}
	s := openAt(t, newDatabase(t), plain)
	var table []string
	for _, text := range slices.Sorted(maps.Keys(queries)) {
		q := queries[text]
		if q.command == "find" && q.limit == 0 {
			t.Errorf("%s has no limit", q)
		}
		used := q.indexes(t, s)
		if used == "" {
			t.Errorf("%s goes through all documents", q)
		}
		table = append(table, text+"\n    "+used)
	}
	if len(table) < 50 {
		t.Errorf("only %d kinds of queries were seen", len(table))
	}
	compareTable(t, strings.Join(table, "\n")+"\n")
}

// leaveUnfinished breaks writes off before and after they came true, and settles them.
func leaveUnfinished(t *testing.T, more func(*options.ClientOptions)) {
	t.Helper()
	address := newDatabase(t)
	s, watch := openAt(t, address, more), openAt(t, address, plain)
	for n, came := range []bool{false, true} {
		room, file := storetest.ID("room", n), storetest.File(n, "room1")
		if _, err := s.AddFile(t.Context(), file, strings.NewReader("")); err != nil {
			t.Fatal(err)
		}
		l := newLead(roomsName, room)
		f := follower{
			rows: s.newRows(storetest.Effects(n, n, "a")), parts: subscriptionParts([]workspace.Subscription{storetest.Subscription(room, "user1")}, surroundings{}),
			files: []workspace.FileRef{file.Ref()}, shownBy: map[string]string{file.ID: "message1"},
		}
		if err := s.stage(t.Context(), l, f); err != nil {
			t.Fatal(err)
		}
		if came {
			if _, err := s.in(roomsName).InsertOne(t.Context(), insertion(encodeRoom(workspace.Room{ID: room}), l.marked()...)); err != nil {
				t.Fatal(err)
			}
		}
		settleTwice(t, s)
		wantSettled(t, watch)
	}
}

// compareTable compares with the table; a real server may choose another index.
func compareTable(t *testing.T, got string) {
	t.Helper()
	name := filepath.Join("testdata", "queries.txt")
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if server.real || string(want) == got {
		return
	}
	known := strings.Split(string(want), "\n")
	for line := range strings.Lines(got) {
		if !slices.Contains(known, strings.TrimSuffix(line, "\n")) {
			t.Errorf("not in the table: %s", line)
		}
	}
	t.Errorf("%s differs: look at it after go test ./store/mongo -run TestQueries -update", name)
}

// query is a command that looks for documents.
type query struct {
	command    string
	collection string
	filter     bson.D
	sort       bson.D
	hint       any
	limit      int64
}

func queriesOf(t *testing.T, sent bson.Raw) []query {
	t.Helper()
	elements, err := sent.Elements()
	if err != nil {
		t.Fatal(err)
	}
	var c struct {
		Filter   bson.D   `bson:"filter"`
		Query    bson.D   `bson:"query"`
		Sort     bson.D   `bson:"sort"`
		Hint     any      `bson:"hint"`
		Limit    int64    `bson:"limit"`
		Pipeline []bson.D `bson:"pipeline"`
		Updates  []struct {
			Q bson.D `bson:"q"`
		} `bson:"updates"`
		Deletes []struct {
			Q bson.D `bson:"q"`
		} `bson:"deletes"`
	}
	if err := bson.Unmarshal(sent, &c); err != nil {
		t.Fatal(err)
	}
	q := query{command: elements[0].Key(), sort: c.Sort, hint: c.Hint, limit: c.Limit}
	q.collection, _ = elements[0].Value().StringValueOK()
	var queries []query
	add := func(filter bson.D) {
		q.filter = filter
		queries = append(queries, q)
	}
	switch q.command {
	case "find":
		add(c.Filter)
	case "findAndModify":
		add(c.Query)
	case "aggregate":
		add(c.Pipeline[0][0].Value.(bson.D))
	case "update":
		for _, u := range c.Updates {
			add(u.Q)
		}
	case "delete":
		for _, d := range c.Deletes {
			add(d.Q)
		}
	}
	return queries
}

// String names the kind of a query: what it looks for, not the values.
func (q query) String() string {
	text := fmt.Sprintf("%s %s %s", q.collection, q.command, shape(q.filter))
	if len(q.sort) > 0 {
		text += " sort " + shapeOfSort(q.sort)
	}
	if hint, ok := q.hint.(bson.D); ok {
		text += " hint " + shapeOfSort(hint)
	}
	return text
}

func shape(value any) string {
	switch v := value.(type) {
	case bson.D:
		parts := []string{}
		for _, e := range v {
			parts = append(parts, e.Key+": "+shape(e.Value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case bson.A:
		parts := []string{}
		for _, e := range v {
			if _, ok := e.(bson.D); ok {
				parts = append(parts, shape(e))
			}
		}
		slices.Sort(parts)
		return "[" + strings.Join(parts, ", ") + "]"
	default:
		return "?"
	}
}

func shapeOfSort(sort bson.D) string {
	var parts []string
	for _, e := range sort {
		parts = append(parts, fmt.Sprintf("%s: %v", e.Key, e.Value))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// indexes asks the server which indexes it would use; empty: none for a part of the query.
func (q query) indexes(t *testing.T, s *Store) string {
	t.Helper()
	if _, err := s.in(q.collection).InsertOne(t.Context(), bson.D{is("_id", "so that it is there")}); err != nil {
		_ = err // it is there
	}
	find := bson.D{is("find", q.collection), is("filter", q.filter)}
	if len(q.sort) > 0 {
		find = append(find, is("sort", q.sort))
	}
	if q.hint != nil {
		find = append(find, is("hint", q.hint))
	}
	var answer struct {
		Planner struct {
			Winning bson.D `bson:"winningPlan"`
		} `bson:"queryPlanner"`
	}
	if err := s.db.RunCommand(t.Context(), bson.D{is("explain", find), is("verbosity", "queryPlanner")}).Decode(&answer); err != nil {
		t.Fatalf("explain %s: %v", q, err)
	}
	names := map[string]bool{}
	if !used(answer.Planner.Winning, names) {
		return ""
	}
	return strings.Join(slices.Sorted(maps.Keys(names)), " ")
}

// used collects the indexes of a plan and reports whether no part of it goes through all documents.
func used(plan any, names map[string]bool) bool {
	switch v := plan.(type) {
	case bson.D:
		for _, e := range v {
			switch {
			case e.Value == "COLLSCAN":
				return false
			case e.Value == "IDHACK", e.Value == "EXPRESS_IXSCAN", e.Value == "CLUSTERED_IXSCAN":
				names["_id_"] = true
			case e.Key == "indexName":
				names[cmp.Or(fmt.Sprint(e.Value), "?")] = true
			case !used(e.Value, names):
				return false
			}
		}
	case bson.A:
		for _, e := range v {
			if !used(e, names) {
				return false
			}
		}
	}
	return true
}
