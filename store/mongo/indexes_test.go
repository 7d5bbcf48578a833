package mongo

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/grapnel-chat/grapnel/store/storetest"
)

func indexNames(t *testing.T, s *Store, collection string) []string {
	t.Helper()
	specs, err := s.in(collection).Indexes().ListSpecifications(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, spec := range specs {
		names = append(names, spec.Name)
	}
	slices.Sort(names)
	return names
}

func TestIndexesAreMadeOneByOne(t *testing.T) {
	var r recorder
	address := newDatabase(t)
	s := openAt(t, address, r.set)
	made := 0
	for _, sent := range r.take() {
		if list, ok := sent.Lookup("indexes").ArrayOK(); ok {
			made++
			if values, err := bson.Raw(list).Values(); err != nil || len(values) != 1 {
				t.Errorf("one command makes %d indexes (%v)", len(values), err)
			}
		}
	}
	if made != len(indexes) {
		t.Errorf("%d commands made indexes, of which there are %d", made, len(indexes))
	}
	before := indexNames(t, s, deliveriesName)
	openAt(t, address, plain)
	if after := indexNames(t, s, deliveriesName); !slices.Equal(before, after) || len(after) < 5 {
		t.Errorf("indexes after a second start are %v, before it %v", after, before)
	}
}

// TestIndexesOfRocketChat starts where others made indexes over the same members, as unique as ours.
func TestIndexesOfRocketChat(t *testing.T) {
	address := newDatabase(t)
	s := openAt(t, address, plain)
	for _, x := range []struct {
		collection string
		model      mongo.IndexModel
	}{
		{usersName, mongo.IndexModel{Keys: bson.D{is(tokenHash, 1)}, Options: options.Index().SetUnique(true).SetSparse(true)}},
		{roomsName, mongo.IndexModel{Keys: bson.D{is("name", 1)}, Options: options.Index().SetUnique(true).SetSparse(true)}},
		{subscriptionsName, mongo.IndexModel{Keys: bson.D{is("rid", 1), is("u._id", 1)}, Options: options.Index().SetUnique(true)}},
		{roomsName, mongo.IndexModel{Keys: bson.D{is("u._id", int64(1))}}},
		{chunksName, mongo.IndexModel{Keys: bson.D{is("files_id", 1), is("n", 1)}, Options: options.Index().SetUnique(true)}},
	} {
		if err := s.in(x.collection).Indexes().DropAll(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := s.in(x.collection).Indexes().CreateOne(t.Context(), x.model); err != nil {
			t.Fatal(err)
		}
	}
	other := openAt(t, address, plain)
	if err := other.AddUser(t.Context(), storetest.User(1), nil, nil); err != nil {
		t.Error(err)
	}
}

func TestIndexConflictNamesTheDocuments(t *testing.T) {
	tests := []struct {
		name, collection string
		index            string
		docs             []any
		want             []string
	}{
		{"usernames", usersName, "grapnel_grapnel.username", []any{
			bson.D{is("_id", "a"), is("grapnel", bson.D{is("username", "jane")})},
			bson.D{is("_id", "b")},
			bson.D{is("_id", "c"), is("grapnel", bson.D{is("username", "jane")})},
		}, []string{"a", "c"}},
		{"subscriptions", subscriptionsName, "grapnel_rid_u._id", []any{
			bson.D{is("_id", "a"), is("rid", "r"), is("u", bson.D{is("_id", "u")})},
			bson.D{is("_id", "b"), is("rid", "r"), is("u", bson.D{is("_id", "v")})},
			bson.D{is("_id", bson.NewObjectID()), is("rid", "r"), is("u", bson.D{is("_id", "v")})},
		}, []string{"b", "$oid"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			address := newDatabase(t)
			s := openAt(t, address, plain)
			if err := s.in(tt.collection).Indexes().DropOne(t.Context(), tt.index); err != nil {
				t.Fatal(err)
			}
			if _, err := s.in(tt.collection).InsertMany(t.Context(), tt.docs); err != nil {
				t.Fatal(err)
			}
			started, err := Open(t.Context(), address)
			e, ok := errors.AsType[*DuplicatesError](err)
			if !ok || started != nil || e.Collection != tt.collection || len(e.IDs) != 2 {
				t.Fatalf("Open = %v, %v", started, err)
			}
			for _, part := range append(tt.want, tt.collection, strings.Join(tt.want[:1], "")) {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%v does not name %s", err, part)
				}
			}
		})
	}
}
