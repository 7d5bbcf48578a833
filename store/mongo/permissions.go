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
	if len(changed) == 0 {
		return nil
	}
	var writes []mongo.WriteModel
	for _, p := range changed {
		writes = append(writes, mongo.NewUpdateOneModel().SetFilter(bson.D{is("_id", p.ID)}).SetUpdate(change(permissionDoc(p))).SetUpsert(true))
	}
	_, err := s.in(permissionsName).BulkWrite(ctx, writes)
	return failed(ctx, "save permissions", err)
}
