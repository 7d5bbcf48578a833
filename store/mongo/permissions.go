package mongo

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/grapnel-chat/grapnel/permissions"
)

// permissionDoc is a permission as Rocket.Chat keeps it.
type permissionDoc struct {
	ID        string    `bson:"_id"`
	Roles     []string  `bson:"roles"`
	UpdatedAt time.Time `bson:"_updatedAt"`
}

// byID is the index that every collection has.
var byID = bson.D{{Key: "_id", Value: 1}}

// Permissions implements permissions.Store.
func (s *Store) Permissions(ctx context.Context) ([]permissions.Permission, error) {
	all, err := readAll[permissionDoc](ctx, s.in(permissionsName), bson.D{}, options.Find().SetSort(byID).SetLimit(mostRecords))
	return convert(all, func(d permissionDoc) permissions.Permission { return permissions.Permission(d) }), failed(ctx, "read permissions", err)
}

// SavePermissions implements permissions.Store.
func (s *Store) SavePermissions(ctx context.Context, changed []permissions.Permission) error {
	docs := convert(changed, func(p permissions.Permission) permissionDoc { return permissionDoc(p) })
	if len(docs) < 2 {
		err := s.held(ctx, func() error { return s.savePermissions(ctx, docs) })
		return failed(ctx, "save permissions", err)
	}
	n := newNote(permissionsSaved, "")
	n.Permissions = docs
	return failed(ctx, "save permissions", s.noted(ctx, n, func() error { return nil }))
}

// savePermissions saves permissions, but for those that were saved later.
func (s *Store) savePermissions(ctx context.Context, docs []permissionDoc) error {
	for _, d := range docs {
		older := bson.D{is("_id", d.ID), is("_updatedAt", bson.D{is("$not", op("$gt", d.UpdatedAt))})}
		_, err := s.in(permissionsName).UpdateOne(ctx, older, change(d), options.UpdateOne().SetUpsert(true))
		if err != nil && !mongo.IsDuplicateKeyError(err) {
			return err
		}
	}
	return nil
}
