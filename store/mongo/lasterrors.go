package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/grapnel-chat/grapnel/integrations"
)

// SaveLastError implements integrations.Store.
func (s *Store) SaveLastError(ctx context.Context, e integrations.LastError) error {
	return failed(ctx, "save last error", s.saveBeside(ctx, lastErrorsName, e.IntegrationID, encodeLastError(e)))
}

// LastError implements integrations.Store.
func (s *Store) LastError(ctx context.Context, integrationID string) (integrations.LastError, error) {
	d, err := readOne[lastErrorDoc](ctx, s.in(lastErrorsName), bson.D{is("_id", integrationID)})
	if err != nil {
		return integrations.LastError{}, failed(ctx, "read last error", err)
	}
	return decodeLastError(d), nil
}
