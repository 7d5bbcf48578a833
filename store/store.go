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
	integrations.DeliveryStore
	permissions.Store
	// Ping answers nil while the store can be read and written.
	Ping(ctx context.Context) error
	// Close finishes what was begun; the store is of no use afterwards.
	Close() error
}

// Log keeps the log of requests and attempts.
type Log interface {
	integrations.ExchangeStore
	Close() error
}

// OpenLog opens the log at a place that was opened by Open before. It answers ErrMongo for a place
// that cannot keep one yet.
func OpenLog(ctx context.Context, place string) (Log, error) {
	if strings.HasPrefix(place, "mongodb://") || strings.HasPrefix(place, "mongodb+srv://") {
		return nil, ErrMongo
	}
	l, err := sqlite.OpenLog(ctx, place)
	if err != nil {
		return nil, err
	}
	return l, nil
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
