// Package store opens what keeps the server's data: SQLite in a data folder, and MongoDB once this
// server has a store for it.
package store

import (
	"context"
	"errors"
	"strings"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/store/sqlite"
	"github.com/grapnel-chat/grapnel/workspace"
)

// ErrMongo refuses a MongoDB address.
var ErrMongo = errors.New("MONGO_URL is set, but this version keeps its data only in a data folder (DATA_DIR); unset MONGO_URL")

// Store is every port that a store fills. Package storetest says what each of them means.
type Store interface {
	workspace.Store
	integrations.Store
	integrations.Queue
	permissions.Store
	// Revision answers a number that changes with every change of what servers hold in memory:
	// integrations and their options, permissions, roles and settings. Whoever shares the store reads
	// it at intervals, and reads those again when it is another one.
	Revision(ctx context.Context) (int64, error)
	// Ping answers nil while the store can be read and written.
	Ping(ctx context.Context) error
	// Close finishes what was begun; the store is of no use afterwards.
	Close() error
}

// Open opens the store at a place: a data folder, or the address of a MongoDB.
func Open(ctx context.Context, place string) (Store, error) {
	if strings.HasPrefix(place, "mongodb://") || strings.HasPrefix(place, "mongodb+srv://") {
		return nil, ErrMongo
	}
	s, err := sqlite.Open(ctx, place)
	if err != nil {
		return nil, err // a *sqlite.Store that is nil would be a Store that is not
	}
	return s, nil
}
