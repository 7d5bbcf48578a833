package mongo

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/grapnel-chat/grapnel/integrations"
)

// outageDoc is an outage as a document.
type outageDoc struct {
	Lane          string    `bson:"_id"`
	IntegrationID string    `bson:"integrationId"`
	URL           string    `bson:"url,omitzero"`
	Since         time.Time `bson:"since"`
	LastError     string    `bson:"lastError,omitzero"`
	Told          time.Time `bson:"told,omitzero"`
}

// AddOutage implements integrations.Store.
func (s *Store) AddOutage(ctx context.Context, o integrations.Outage) (integrations.Outage, error) {
	if err := s.mustHave(ctx, integrationsName, o.IntegrationID); err != nil {
		return integrations.Outage{}, failed(ctx, "add outage", err)
	}
	if err := s.addMissing(ctx, outagesName, insertion(outageDoc(o))); err != nil {
		return integrations.Outage{}, failed(ctx, "add outage", err)
	}
	kept, err := readOne[outageDoc](ctx, s.in(outagesName), bson.D{is("_id", o.Lane)})
	return integrations.Outage(kept), failed(ctx, "add outage", err)
}

// SaveOutage implements integrations.Store.
func (s *Store) SaveOutage(ctx context.Context, o integrations.Outage) error {
	return failed(ctx, "save outage", s.updateOne(ctx, outagesName, o.Lane, change(outageDoc(o))))
}

// RemoveOutage implements integrations.Store.
func (s *Store) RemoveOutage(ctx context.Context, lane string) error {
	return failed(ctx, "remove outage", s.deleteMany(ctx, outagesName, bson.D{is("_id", lane)}))
}

// Outages implements integrations.Store.
func (s *Store) Outages(ctx context.Context) ([]integrations.Outage, error) {
	find := options.Find().SetSort(bson.D{is("since", 1), is("_id", 1)}).SetLimit(mostRecords)
	found, err := readAll[outageDoc](ctx, s.in(outagesName), bson.D{}, find)
	return convert(found, func(d outageDoc) integrations.Outage { return integrations.Outage(d) }), failed(ctx, "read outages", err)
}
