package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// start serves on a free port, and answers the server with a database of it through the driver.
func start(t *testing.T, o settings) (*server, *mongo.Database) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o.address = listener.Addr().String()
	if o.expire == 0 {
		o.expire = time.Hour
	}
	s, err := newServer(o)
	if err != nil {
		t.Fatal(err)
	}
	go s.serve(listener)
	client, err := mongo.Connect(options.Client().ApplyURI("mongodb://" + o.address).SetServerSelectionTimeout(10 * time.Second))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = client.Disconnect(context.Background())
		_ = listener.Close()
		_ = s.close()
	})
	return s, client.Database("test")
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// ids are those of what a cursor finds, in order.
func ids(t *testing.T, c *mongo.Cursor, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	var found []struct {
		ID any `bson:"_id"`
	}
	if err := c.All(t.Context(), &found); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, one := range found {
		all = append(all, fmt.Sprint(one.ID))
	}
	return strings.Join(all, " ")
}

func TestReadsAndWrites(t *testing.T) {
	_, db := start(t, settings{})
	ctx := t.Context()
	c := db.Collection("things")
	if err := db.Client().Ping(ctx, nil); err != nil {
		t.Fatal(err)
	}
	documents := []any{
		bson.D{{Key: "_id", Value: "a"}, {Key: "n", Value: 1}, {Key: "tags", Value: bson.A{"x", "y"}}, {Key: "name", Value: "Anna"}},
		bson.D{{Key: "_id", Value: "b"}, {Key: "n", Value: 2}, {Key: "tags", Value: bson.A{"y"}}, {Key: "name", Value: "Bob"}},
		bson.D{{Key: "n", Value: 3}, {Key: "_id", Value: "c"}, {Key: "deep", Value: bson.D{{Key: "list", Value: bson.A{bson.D{{Key: "h", Value: "1"}, {Key: "at", Value: 5}}, bson.D{{Key: "h", Value: "2"}}}}}}},
	}
	must(c.InsertMany(ctx, documents))(t)

	finds := []struct {
		name   string
		filter bson.D
		want   string
	}{
		{"all", bson.D{}, "a b c"},
		{"by id", bson.D{{Key: "_id", Value: "b"}}, "b"},
		{"range", bson.D{{Key: "n", Value: bson.D{{Key: "$gte", Value: 2}, {Key: "$lt", Value: 3}}}}, "b"},
		{"in", bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: bson.A{"c", "a", "z"}}}}}, "a c"},
		{"or", bson.D{{Key: "$or", Value: bson.A{bson.D{{Key: "_id", Value: "c"}}, bson.D{{Key: "n", Value: 1}}}}}, "a c"},
		{"element", bson.D{{Key: "tags", Value: "x"}}, "a"},
		{"missing", bson.D{{Key: "tags", Value: nil}}, "c"},
		{"exists", bson.D{{Key: "tags", Value: bson.D{{Key: "$exists", Value: true}}}}, "a b"},
		{"deep", bson.D{{Key: "deep.list.h", Value: "2"}}, "c"},
		{"elemMatch", bson.D{{Key: "deep.list", Value: bson.D{{Key: "$elemMatch", Value: bson.D{{Key: "h", Value: "1"}, {Key: "at", Value: 5}}}}}}, "c"},
		{"elemMatch of two", bson.D{{Key: "deep.list", Value: bson.D{{Key: "$elemMatch", Value: bson.D{{Key: "h", Value: "2"}, {Key: "at", Value: 5}}}}}}, ""},
		{"regex", bson.D{{Key: "name", Value: bson.Regex{Pattern: "^b", Options: "i"}}}, "b"},
		{"regex with options", bson.D{{Key: "name", Value: bson.D{{Key: "$regex", Value: "^B"}, {Key: "$options", Value: "i"}}}}, "b"},
		{"not equal", bson.D{{Key: "_id", Value: bson.D{{Key: "$ne", Value: "a"}}}}, "b c"},
	}
	for _, tt := range finds {
		t.Run(tt.name, func(t *testing.T) {
			ctx := t.Context()
			cursor, err := c.Find(ctx, tt.filter)
			if got := ids(t, cursor, err); got != tt.want {
				t.Errorf("find %v: got %q, want %q", tt.filter, got, tt.want)
			}
			n, err := c.CountDocuments(ctx, tt.filter)
			if want := len(strings.Fields(tt.want)); err != nil || int(n) != want {
				t.Errorf("count %v: got %d, %v, want %d", tt.filter, n, err, want)
			}
		})
	}
	var raw bson.Raw
	if err := c.FindOne(ctx, bson.D{{Key: "_id", Value: "c"}}).Decode(&raw); err != nil {
		t.Fatal(err)
	}
	if first := must(raw.IndexErr(0))(t); first.Key() != "_id" {
		t.Errorf("the first member of a stored document is %s, want _id", first.Key())
	}
	cursor, err := c.Find(ctx, bson.D{}, options.Find().SetSort(bson.D{{Key: "n", Value: -1}}).SetSkip(1).SetLimit(1).SetProjection(bson.D{{Key: "_id", Value: 1}}))
	if got := ids(t, cursor, err); got != "b" {
		t.Errorf("sorted, skipped, limited: got %q, want b", got)
	}
	if err := c.FindOne(ctx, bson.D{{Key: "_id", Value: "z"}}).Err(); !errors.Is(err, mongo.ErrNoDocuments) {
		t.Errorf("a missing document: %v", err)
	}
	values := must(c.Distinct(ctx, "tags", bson.D{}).Raw())(t)
	if n := len(must(values.Values())(t)); n != 2 {
		t.Errorf("distinct tags: %s", values)
	}
}

func TestUpdates(t *testing.T) {
	_, db := start(t, settings{})
	ctx := t.Context()
	c := db.Collection("things")
	must(c.InsertMany(ctx, []any{
		bson.D{{Key: "_id", Value: "a"}, {Key: "n", Value: 1}, {Key: "list", Value: bson.A{bson.D{{Key: "k", Value: 1}, {Key: "v", Value: 0}}, bson.D{{Key: "k", Value: 2}, {Key: "v", Value: 0}}}}},
		bson.D{{Key: "_id", Value: "b"}, {Key: "n", Value: 1}},
	}))(t)
	type result struct{ matched, modified, upserted int64 }
	check := func(name string, got *mongo.UpdateResult, err error, want result) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		if have := (result{got.MatchedCount, got.ModifiedCount, got.UpsertedCount}); have != want {
			t.Errorf("%s: got %+v, want %+v", name, have, want)
		}
	}
	by := func(id string) bson.D { return bson.D{{Key: "_id", Value: id}} }
	set := func(key string, v any) bson.D { return bson.D{{Key: "$set", Value: bson.D{{Key: key, Value: v}}}} }

	got, err := c.UpdateOne(ctx, by("a"), bson.D{{Key: "$inc", Value: bson.D{{Key: "n", Value: 4}}}})
	check("inc", got, err, result{1, 1, 0})
	got, err = c.UpdateOne(ctx, by("a"), set("n", 5))
	check("set to what it is", got, err, result{1, 0, 0})
	got, err = c.UpdateMany(ctx, bson.D{}, set("seen", true))
	check("many", got, err, result{2, 2, 0})
	got, err = c.UpdateOne(ctx, bson.D{{Key: "_id", Value: "a"}, {Key: "list.k", Value: 2}}, set("list.$.v", 7))
	check("positional", got, err, result{1, 1, 0})
	got, err = c.UpdateOne(ctx, by("a"), set("list.$[e].v", 9), options.UpdateOne().SetArrayFilters([]any{bson.D{{Key: "e.k", Value: 1}}}))
	check("array filter", got, err, result{1, 1, 0})
	got, err = c.UpdateOne(ctx, by("a"), bson.D{{Key: "$pull", Value: bson.D{{Key: "list", Value: bson.D{{Key: "k", Value: 9}}}}}})
	check("pull nothing", got, err, result{1, 0, 0})
	got, err = c.UpdateOne(ctx, by("new"), bson.D{{Key: "$set", Value: bson.D{{Key: "n", Value: 1}}}, {Key: "$setOnInsert", Value: bson.D{{Key: "made", Value: 1}}}}, options.UpdateOne().SetUpsert(true))
	check("upsert", got, err, result{0, 0, 1})
	if got != nil && got.UpsertedID != "new" {
		t.Errorf("upserted id %v, want new", got.UpsertedID)
	}
	got, err = c.ReplaceOne(ctx, by("b"), bson.D{{Key: "other", Value: 1}})
	check("replace", got, err, result{1, 1, 0})
	var b bson.D
	if err := c.FindOne(ctx, by("b")).Decode(&b); err != nil || len(b) != 2 {
		t.Errorf("replaced document %v, %v", b, err)
	}
	var a struct {
		N    int
		List []struct{ K, V int }
	}
	if err := c.FindOne(ctx, by("a")).Decode(&a); err != nil || a.N != 5 || a.List[0].V != 9 || a.List[1].V != 7 {
		t.Errorf("a is %+v, %v", a, err)
	}
	got, err = c.UpdateOne(ctx, by("b"), mongo.Pipeline{
		set("n", bson.D{{Key: "$add", Value: bson.A{"$other", 5}}}),
		{{Key: "$unset", Value: bson.A{"other"}}},
	})
	check("pipeline", got, err, result{1, 1, 0})
	b = nil
	if err := c.FindOne(ctx, by("b")).Decode(&b); err != nil || len(b) != 2 || b[1] != (bson.E{Key: "n", Value: int32(6)}) {
		t.Errorf("b after a pipeline is %v, %v", b, err)
	}
	_, err = c.UpdateOne(ctx, by("a"), mongo.Pipeline{{{Key: "$group", Value: bson.D{{Key: "_id", Value: 1}}}}})
	if code(err) != 72 {
		t.Errorf("an update that groups: %v, want it refused", err)
	}
	var old struct{ N int }
	err = c.FindOneAndUpdate(ctx, by("a"), set("n", 6)).Decode(&old)
	if err != nil || old.N != 5 {
		t.Errorf("findAndModify answers %+v, %v, want what was before", old, err)
	}
	err = c.FindOneAndUpdate(ctx, by("a"), set("n", 7), options.FindOneAndUpdate().SetReturnDocument(options.After)).Decode(&old)
	if err != nil || old.N != 7 {
		t.Errorf("findAndModify answers %+v, %v, want what is now", old, err)
	}
	if err := c.FindOneAndUpdate(ctx, by("nobody"), set("n", 7)).Err(); !errors.Is(err, mongo.ErrNoDocuments) {
		t.Errorf("findAndModify of nothing: %v", err)
	}
	if err := c.FindOneAndDelete(ctx, by("a")).Err(); err != nil {
		t.Error(err)
	}
	deleted, err := c.DeleteMany(ctx, bson.D{})
	if err != nil || deleted.DeletedCount != 2 {
		t.Errorf("delete: %+v, %v, want 2", deleted, err)
	}
}

func code(err error) int {
	if e := mongo.ServerError(nil); errors.As(err, &e) {
		for _, c := range []int{11000, 85, 86, 59, 50, 115, 263, 291, 66, 72, 2, 91} {
			if e.HasErrorCode(c) {
				return c
			}
		}
	}
	return 0
}

func TestUniqueness(t *testing.T) {
	_, db := start(t, settings{})
	ctx := t.Context()
	c := db.Collection("users")
	name := mongo.IndexModel{Keys: bson.D{{Key: "username", Value: 1}}, Options: options.Index().SetUnique(true).SetSparse(true)}
	must(c.Indexes().CreateOne(ctx, name))(t)
	must(c.Indexes().CreateOne(ctx, name))(t)
	for range 2 {
		must(c.InsertOne(ctx, bson.D{{Key: "nameless", Value: true}}))(t)
	}
	must(c.InsertOne(ctx, bson.D{{Key: "_id", Value: 1}, {Key: "username", Value: "bob"}}))(t)
	must(c.InsertOne(ctx, bson.D{{Key: "_id", Value: 2}, {Key: "username", Value: "eve"}}))(t)

	_, err := c.InsertOne(ctx, bson.D{{Key: "username", Value: "bob"}})
	if !mongo.IsDuplicateKeyError(err) || !strings.Contains(err.Error(), `E11000 duplicate key error collection: test.users index: username_1 dup key: { username: "bob" }`) {
		t.Errorf("a second bob: %v", err)
	}
	if write, ok := errors.AsType[mongo.WriteException](err); ok {
		pattern, value := write.WriteErrors[0].Raw.Lookup("keyPattern"), write.WriteErrors[0].Raw.Lookup("keyValue")
		if pattern.String() != `{"username": {"$numberInt":"1"}}` || value.String() != `{"username": "bob"}` {
			t.Errorf("keyPattern %s, keyValue %s", pattern, value)
		}
	}
	_, err = c.UpdateOne(ctx, bson.D{{Key: "_id", Value: 2}}, bson.D{{Key: "$set", Value: bson.D{{Key: "username", Value: "bob"}}}})
	if !mongo.IsDuplicateKeyError(err) {
		t.Errorf("eve as bob: %v", err)
	}
	err = c.FindOneAndUpdate(ctx, bson.D{{Key: "_id", Value: 2}}, bson.D{{Key: "$set", Value: bson.D{{Key: "username", Value: "bob"}}}}).Err()
	if code(err) != 11000 {
		t.Errorf("eve as bob, by findAndModify: %v", err)
	}
	cursor, err := c.Find(ctx, bson.D{{Key: "username", Value: "eve"}})
	if got := ids(t, cursor, err); got != "2" {
		t.Errorf("eve is %q after refused updates, want 2", got)
	}
	_, err = c.InsertMany(ctx, []any{bson.D{{Key: "_id", Value: 1}}, bson.D{{Key: "_id", Value: 3}}}, options.InsertMany().SetOrdered(false))
	if !mongo.IsDuplicateKeyError(err) {
		t.Errorf("a second 1: %v", err)
	}
	if n := must(c.CountDocuments(ctx, bson.D{{Key: "_id", Value: 3}}))(t); n != 1 {
		t.Error("the document behind a refused one was not inserted, though order does not matter")
	}
	_, err = c.Indexes().CreateOne(ctx, mongo.IndexModel{Keys: bson.D{{Key: "username", Value: 1}}})
	if code(err) != 86 {
		t.Errorf("the same index, not unique: %v, want 86", err)
	}
	_, err = c.Indexes().CreateOne(ctx, mongo.IndexModel{Keys: bson.D{{Key: "username", Value: 1}}, Options: options.Index().SetName("other")})
	if code(err) != 85 {
		t.Errorf("the same index by another name: %v, want 85", err)
	}
	_, err = c.Indexes().CreateOne(ctx, mongo.IndexModel{Keys: bson.D{{Key: "nameless", Value: 1}}, Options: options.Index().SetUnique(true)})
	if code(err) != 11000 {
		t.Errorf("a unique index over what is not unique: %v", err)
	}
	specs := must(c.Indexes().ListSpecifications(ctx))(t)
	if len(specs) != 2 || specs[1].Name != "username_1" || specs[1].Unique == nil || !*specs[1].Unique {
		t.Errorf("indexes: %+v", specs)
	}
	if err := c.Indexes().DropOne(ctx, "username_1"); err != nil {
		t.Error(err)
	}
	must(c.InsertOne(ctx, bson.D{{Key: "username", Value: "bob"}}))(t)
}

func TestPartialIndex(t *testing.T) {
	_, db := start(t, settings{noTableScan: true})
	ctx := t.Context()
	c := db.Collection("rooms")
	partial := bson.D{{Key: "t", Value: bson.D{{Key: "$in", Value: bson.A{"c", "p"}}}}}
	must(c.Indexes().CreateOne(ctx, mongo.IndexModel{Keys: bson.D{{Key: "name", Value: 1}}, Options: options.Index().SetUnique(true).SetPartialFilterExpression(partial)}))(t)
	must(c.InsertMany(ctx, []any{bson.D{{Key: "name", Value: "x"}, {Key: "t", Value: "d"}}, bson.D{{Key: "name", Value: "x"}, {Key: "t", Value: "d"}}, bson.D{{Key: "_id", Value: 3}, {Key: "name", Value: "x"}, {Key: "t", Value: "c"}}}))(t)
	_, err := c.InsertOne(ctx, bson.D{{Key: "name", Value: "x"}, {Key: "t", Value: "p"}})
	if !mongo.IsDuplicateKeyError(err) {
		t.Errorf("a second room x: %v", err)
	}
	cursor, err := c.Find(ctx, bson.D{{Key: "name", Value: "x"}, {Key: "t", Value: "c"}})
	if got := ids(t, cursor, err); got != "3" {
		t.Errorf("the channel x: %q", got)
	}
	if err := c.FindOne(ctx, bson.D{{Key: "name", Value: "x"}}).Err(); code(err) != 291 {
		t.Errorf("a query that the partial index does not cover: %v, want 291", err)
	}
}

// Each query finds the same through an index as without one, in the same order.
func TestIndexesFindTheSame(t *testing.T) {
	_, db := start(t, settings{})
	ctx := t.Context()
	plain, indexed := db.Collection("plain"), db.Collection("indexed")
	for _, keys := range []bson.D{
		{{Key: "state", Value: 1}, {Key: "due", Value: 1}},
		{{Key: "due", Value: -1}},
		{{Key: "lane", Value: 1}, {Key: "state", Value: 1}, {Key: "due", Value: -1}},
		{{Key: "tags", Value: 1}, {Key: "due", Value: 1}},
	} {
		must(indexed.Indexes().CreateOne(ctx, mongo.IndexModel{Keys: keys}))(t)
	}
	var documents []any
	for i := range 300 {
		d := bson.D{{Key: "_id", Value: i}, {Key: "state", Value: i % 3}, {Key: "lane", Value: strconv.Itoa(i % 7)}}
		if i%5 > 0 {
			d = append(d, bson.E{Key: "due", Value: (i * 7919) % 100})
		} else if i%10 == 0 {
			d = append(d, bson.E{Key: "due", Value: "text"})
		}
		if i%4 == 0 {
			d = append(d, bson.E{Key: "tags", Value: bson.A{i % 6, i % 9}})
		}
		documents = append(documents, d)
	}
	must(plain.InsertMany(ctx, documents))(t)
	must(indexed.InsertMany(ctx, documents))(t)
	in := func(values ...any) bson.D { return bson.D{{Key: "$in", Value: bson.A(values)}} }
	cmp := func(pairs ...any) (d bson.D) {
		for i := 0; i < len(pairs); i += 2 {
			d = append(d, bson.E{Key: pairs[i].(string), Value: pairs[i+1]})
		}
		return d
	}
	filters := []bson.D{
		cmp("state", 1), cmp("state", 1, "due", cmp("$lte", 40)), cmp("state", in(0, 2), "due", cmp("$lt", 40, "$gte", 3)),
		cmp("due", cmp("$gt", 50)), cmp("due", nil), cmp("due", in(5, nil, "text")), cmp("lane", "3", "state", 2), cmp("lane", in("1", "3"), "due", cmp("$gt", 10)),
		cmp("tags", 3), cmp("tags", cmp("$gt", 1, "$lt", 3)), cmp("tags", in(2, 5), "due", cmp("$lt", 60)), cmp("due", cmp("$exists", false)), cmp("due", cmp("$ne", 7)),
		cmp("$or", bson.A{cmp("state", 1, "due", 5), cmp("lane", "2"), cmp("due", cmp("$lt", 9))}), cmp("$and", bson.A{cmp("state", 0), cmp("due", cmp("$gte", 90))}),
		{},
	}
	sorts := []bson.D{nil, cmp("due", 1, "_id", 1), cmp("due", -1, "_id", 1), cmp("state", 1, "due", 1, "_id", 1), cmp("lane", -1, "_id", -1), cmp("tags", 1, "_id", 1)}
	for _, filter := range filters {
		for _, sort := range sorts {
			for _, limit := range []int64{0, 7} {
				o := options.Find().SetLimit(limit)
				if sort != nil {
					o.SetSort(sort)
				} else {
					o.SetSort(bson.D{{Key: "_id", Value: 1}})
				}
				a, err := plain.Find(ctx, filter, o)
				want := ids(t, a, err)
				b, err := indexed.Find(ctx, filter, o)
				if got := ids(t, b, err); got != want {
					t.Errorf("%v sorted by %v, at most %d: got %s, want %s", filter, sort, limit, got, want)
				}
			}
		}
	}
}

func TestExplain(t *testing.T) {
	_, db := start(t, settings{})
	ctx := t.Context()
	c := db.Collection("queue")
	must(c.Indexes().CreateOne(ctx, mongo.IndexModel{Keys: bson.D{{Key: "state", Value: 1}, {Key: "due", Value: 1}}}))(t)
	claim := bson.D{{Key: "state", Value: "waiting"}, {Key: "due", Value: bson.D{{Key: "$lte", Value: 5}}}}
	tests := []struct {
		name    string
		command bson.D
		want    string
	}{
		{"claim", bson.D{{Key: "findAndModify", Value: "queue"}, {Key: "query", Value: claim}, {Key: "sort", Value: bson.D{{Key: "due", Value: 1}}}}, "FETCH IXSCAN"},
		{"other order", bson.D{{Key: "find", Value: "queue"}, {Key: "filter", Value: claim}, {Key: "sort", Value: bson.D{{Key: "lane", Value: 1}}}}, "SORT FETCH IXSCAN"},
		{"nothing", bson.D{{Key: "find", Value: "queue"}, {Key: "filter", Value: bson.D{{Key: "x", Value: 1}}}}, "COLLSCAN"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var answer struct {
				QueryPlanner struct{ WinningPlan bson.Raw }
			}
			if err := db.RunCommand(ctx, bson.D{{Key: "explain", Value: tt.command}}).Decode(&answer); err != nil {
				t.Fatal(err)
			}
			var stages []string
			for stage := answer.QueryPlanner.WinningPlan; stage != nil; {
				stages = append(stages, stage.Lookup("stage").StringValue())
				stage, _ = stage.Lookup("inputStage").DocumentOK()
			}
			if got := strings.Join(stages, " "); got != tt.want {
				t.Errorf("explain %v: %s, want %s", tt.command, got, tt.want)
			}
		})
	}
}

func TestCursors(t *testing.T) {
	s, db := start(t, settings{})
	ctx := t.Context()
	c := db.Collection("many")
	var documents []any
	for i := range 1000 {
		documents = append(documents, bson.D{{Key: "_id", Value: i}})
	}
	must(c.InsertMany(ctx, documents))(t)
	for _, size := range []int32{1, 7, 101, 1000, 5000} {
		cursor, err := c.Find(ctx, bson.D{}, options.Find().SetBatchSize(size).SetSort(bson.D{{Key: "_id", Value: 1}}))
		if err == nil && cursor.RemainingBatchLength() != min(int(size), 1000) {
			t.Errorf("a first batch of %d, want %d", cursor.RemainingBatchLength(), size)
		}
		if got := len(strings.Fields(ids(t, cursor, err))); got != 1000 {
			t.Errorf("in batches of %d: %d documents, want 1000", size, got)
		}
	}
	cursor := must(c.Find(ctx, bson.D{}))(t)
	if err := cursor.Close(ctx); err != nil {
		t.Error(err)
	}
	if n := len(s.cursors.open); n != 0 {
		t.Errorf("%d cursors are open in the end", n)
	}
}

func TestAggregates(t *testing.T) {
	_, db := start(t, settings{})
	ctx := t.Context()
	c := db.Collection("sales")
	for i := range 10 {
		must(c.InsertOne(ctx, bson.D{{Key: "_id", Value: i}, {Key: "kind", Value: i % 2}, {Key: "amount", Value: i}, {Key: "parts", Value: bson.A{"p", "q"}}}))(t)
	}
	stage := func(name string, v any) bson.D { return bson.D{{Key: name, Value: v}} }
	cursor, err := c.Aggregate(ctx, mongo.Pipeline{
		stage("$match", bson.D{{Key: "amount", Value: bson.D{{Key: "$gt", Value: 1}}}}),
		stage("$unwind", "$parts"),
		stage("$group", bson.D{{Key: "_id", Value: "$kind"}, {Key: "n", Value: bson.D{{Key: "$sum", Value: 1}}}, {Key: "total", Value: bson.D{{Key: "$sum", Value: "$amount"}}}, {Key: "most", Value: bson.D{{Key: "$max", Value: "$amount"}}}}),
		stage("$sort", bson.D{{Key: "_id", Value: -1}}),
		stage("$project", bson.D{{Key: "n", Value: 1}, {Key: "total", Value: 1}, {Key: "least", Value: "$most"}}),
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []struct{ N, Total, Least int }
	if err := cursor.All(ctx, &got); err != nil {
		t.Fatal(err)
	}
	if want := []struct{ N, Total, Least int }{{8, 48, 9}, {8, 40, 8}}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if n, err := c.EstimatedDocumentCount(ctx); err != nil || n != 10 {
		t.Errorf("estimated count %d, %v", n, err)
	}
}

func TestRefusals(t *testing.T) {
	_, db := start(t, settings{})
	ctx := t.Context()
	if err := db.RunCommand(ctx, bson.D{{Key: "shutdown", Value: 1}}).Err(); code(err) != 59 {
		t.Errorf("an unknown command: %v, want 59", err)
	}
	if err := db.RunCommand(ctx, bson.D{{Key: "collMod", Value: "x"}}).Err(); code(err) != 115 {
		t.Errorf("collMod: %v, want 115", err)
	}
	session, err := db.Client().StartSession()
	if err != nil {
		t.Fatal(err)
	}
	defer session.EndSession(ctx)
	_, err = session.WithTransaction(ctx, func(ctx context.Context) (any, error) {
		return db.Collection("x").InsertOne(ctx, bson.D{})
	})
	if code(err) != 263 {
		t.Errorf("a transaction: %v, want 263", err)
	}
}

func TestExpires(t *testing.T) {
	s, db := start(t, settings{})
	ctx := t.Context()
	c := db.Collection("logins")
	must(c.Indexes().CreateOne(ctx, mongo.IndexModel{Keys: bson.D{{Key: "at", Value: 1}}, Options: options.Index().SetExpireAfterSeconds(60)}))(t)
	now := time.Now()
	must(c.InsertMany(ctx, []any{bson.D{{Key: "_id", Value: "old"}, {Key: "at", Value: now.Add(-2 * time.Minute)}}, bson.D{{Key: "_id", Value: "new"}, {Key: "at", Value: now}}, bson.D{{Key: "_id", Value: "timeless"}}}))(t)
	if err := s.expireAt(now); err != nil {
		t.Fatal(err)
	}
	cursor, err := c.Find(ctx, bson.D{})
	if got := ids(t, cursor, err); got != "new timeless" {
		t.Errorf("left is %q", got)
	}
}

func TestSurvivesRestart(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	s, db := start(t, settings{data: data})
	ctx := t.Context()
	c := db.Collection("things")
	must(c.Indexes().CreateOne(ctx, mongo.IndexModel{Keys: bson.D{{Key: "n", Value: 1}}, Options: options.Index().SetUnique(true)}))(t)
	for i := range 5 {
		must(c.InsertOne(ctx, bson.D{{Key: "_id", Value: i}, {Key: "n", Value: i}}))(t)
	}
	must(c.DeleteOne(ctx, bson.D{{Key: "_id", Value: 1}}))(t)
	must(c.UpdateOne(ctx, bson.D{{Key: "_id", Value: 2}}, bson.D{{Key: "$set", Value: bson.D{{Key: "n", Value: 20}}}}))(t)
	must(db.Collection("gone").InsertOne(ctx, bson.D{}))(t)
	if err := db.Collection("gone").Drop(ctx); err != nil {
		t.Fatal(err)
	}
	s.refuse(true) // as if it were killed: nothing is closed

	_, again := start(t, settings{data: data})
	cursor, err := again.Collection("things").Find(ctx, bson.D{}, options.Find().SetSort(bson.D{{Key: "n", Value: 1}}))
	if got := ids(t, cursor, err); got != "0 3 4 2" {
		t.Errorf("after a restart: %q, want 0 3 4 2", got)
	}
	_, err = again.Collection("things").InsertOne(ctx, bson.D{{Key: "n", Value: 20}})
	if !mongo.IsDuplicateKeyError(err) {
		t.Errorf("the unique index is lost: %v", err)
	}
	if names := must(again.ListCollectionNames(ctx, bson.D{}))(t); !reflect.DeepEqual(names, []string{"things"}) {
		t.Errorf("collections %v", names)
	}
}

func TestMisbehaves(t *testing.T) {
	s, db := start(t, settings{})
	ctx := t.Context()
	c := db.Collection("things")
	must(c.InsertOne(ctx, bson.D{{Key: "_id", Value: "n"}, {Key: "n", Value: 0}}))(t)
	fail := func(times int, data bson.D) {
		t.Helper()
		command := bson.D{{Key: "configureFailPoint", Value: "failCommand"}, {Key: "mode", Value: bson.D{{Key: "times", Value: times}}}, {Key: "data", Value: data}}
		if err := db.Client().Database("admin").RunCommand(ctx, command).Err(); err != nil {
			t.Fatal(err)
		}
	}
	inc := bson.D{{Key: "$inc", Value: bson.D{{Key: "n", Value: 1}}}}
	n := func() (d struct{ N int }) { _ = c.FindOne(ctx, bson.D{{Key: "_id", Value: "n"}}).Decode(&d); return d }

	t.Run("a lost answer is not carried out twice", func(t *testing.T) {
		fail(1, bson.D{{Key: "failCommands", Value: bson.A{"update"}}, {Key: "closeConnection", Value: true}, {Key: "after", Value: true}})
		if _, err := c.UpdateOne(ctx, bson.D{{Key: "_id", Value: "n"}}, inc); err != nil {
			t.Error(err)
		}
		if got := n().N; got != 1 {
			t.Errorf("n is %d, want 1", got)
		}
	})
	t.Run("a lost request is made again", func(t *testing.T) {
		fail(1, bson.D{{Key: "failCommands", Value: bson.A{"update"}}, {Key: "closeConnection", Value: true}})
		if _, err := c.UpdateOne(ctx, bson.D{{Key: "_id", Value: "n"}}, inc); err != nil {
			t.Error(err)
		}
		if got := n().N; got != 2 {
			t.Errorf("n is %d, want 2", got)
		}
	})
	t.Run("an error of the server", func(t *testing.T) {
		fail(2, bson.D{{Key: "failCommands", Value: bson.A{"update"}}, {Key: "errorCode", Value: 66}})
		if _, err := c.UpdateOne(ctx, bson.D{{Key: "_id", Value: "n"}}, inc); code(err) != 66 {
			t.Errorf("%v, want 66", err)
		}
		fail(0, bson.D{})
	})
	t.Run("too slow", func(t *testing.T) {
		fail(1, bson.D{{Key: "failCommands", Value: bson.A{"find"}}, {Key: "blockConnection", Value: true}, {Key: "blockTimeMS", Value: 600_000}})
		command := bson.D{{Key: "find", Value: "things"}, {Key: "maxTimeMS", Value: 20}}
		if err := db.RunCommand(ctx, command).Err(); code(err) != 50 {
			t.Errorf("%v, want 50", err)
		}
	})
	t.Run("away, and back", func(t *testing.T) {
		s.refuse(true)
		short, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
		defer cancel()
		if _, err := c.UpdateOne(short, bson.D{{Key: "_id", Value: "n"}}, inc); err == nil {
			t.Error("a server that refuses everybody carried out an update")
		}
		s.refuse(false)
		if _, err := c.UpdateOne(ctx, bson.D{{Key: "_id", Value: "n"}}, inc); err != nil {
			t.Error(err)
		}
		if got := n().N; got != 3 {
			t.Errorf("n is %d, want 3", got)
		}
	})
}
