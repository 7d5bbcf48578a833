// Package store opens what keeps the server's data: SQLite in a data folder, or a MongoDB.
package store

import (
	"context"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/store/mongo"
	"github.com/grapnel-chat/grapnel/store/sqlite"
	"github.com/grapnel-chat/grapnel/workspace"
)

// Store is every port that a store fills. Package storetest says what each of them means.
type Store interface {
	workspace.Store
	integrations.Store
	integrations.Queue
	integrations.DeliveryStore
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

// Log keeps the log of requests and attempts.
type Log interface {
	integrations.ExchangeStore
	Close() error
}

// OpenLog opens the log at a place that was opened by Open before.
func OpenLog(ctx context.Context, place string) (Log, error) {
	if mongo.IsAddress(place) {
		return openedLog(mongo.OpenLog(ctx, place))
	}
	return openedLog(sqlite.OpenLog(ctx, place))
}

// openedLog makes no Log of a log that is nil.
func openedLog[L Log](l L, err error) (Log, error) {
	if err != nil {
		return nil, err
	}
	return l, nil
}

// Open opens the store at a place: a data folder, or the address of a MongoDB.
func Open(ctx context.Context, place string) (Store, error) {
	if mongo.IsAddress(place) {
		return opened(mongo.Open(ctx, place))
	}
	return opened(sqlite.Open(ctx, place))
}

// opened makes no Store of a store that is nil.
func opened[S Store](s S, err error) (Store, error) {
	if err != nil {
		return nil, err
	}
	return s, nil
}
