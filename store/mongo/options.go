package mongo

import (
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/grapnel-chat/grapnel/integrations"
)

// optionsDoc is an integration's options as a document. Durations are nanoseconds.
type optionsDoc struct {
	IntegrationID string     `bson:"_id"`
	UpdatedAt     time.Time  `bson:"_updatedAt,omitzero"`
	Policy        string     `bson:"policy,omitzero"`
	Retry         *retryDoc  `bson:"retry,omitzero"`
	Ordered       bool       `bson:"ordered,omitzero"`
	Signing       signingDoc `bson:"signing,omitzero"`
	TLS           tlsDoc     `bson:"tls,omitzero"`
	Limits        limitsDoc  `bson:"limits,omitzero"`
	Log           logDoc     `bson:"log,omitzero"`
}

type retryDoc struct {
	Attempts int           `bson:"attempts,omitzero"`
	First    time.Duration `bson:"first,omitzero"`
	Longest  time.Duration `bson:"longest,omitzero"`
}

type signingDoc struct {
	Generation int       `bson:"generation,omitzero"`
	OldUntil   time.Time `bson:"oldUntil,omitzero"`
}

type tlsDoc struct {
	Insecure bool   `bson:"insecure,omitzero"`
	CA       string `bson:"ca,omitzero"`
}

type limitsDoc struct {
	Rate        float64 `bson:"rate,omitzero"`
	Burst       int     `bson:"burst,omitzero"`
	Concurrency int     `bson:"concurrency,omitzero"`
	Body        int64   `bson:"body,omitzero"`
}

type logDoc struct {
	MetadataOnly bool          `bson:"metadataOnly,omitzero"`
	Age          time.Duration `bson:"age,omitzero"`
	Entries      int           `bson:"entries,omitzero"`
	Bytes        int64         `bson:"bytes,omitzero"`
}

func encodeOptions(o integrations.Options) optionsDoc {
	return optionsDoc{
		IntegrationID: o.IntegrationID, UpdatedAt: o.UpdatedAt, Policy: string(o.Policy), Retry: (*retryDoc)(o.Retry), Ordered: o.Ordered,
		Signing: signingDoc(o.Signing), TLS: tlsDoc(o.TLS), Limits: limitsDoc(o.Limits), Log: logDoc(o.Log),
	}
}

func decodeOptions(d optionsDoc) integrations.Options {
	return integrations.Options{
		IntegrationID: d.IntegrationID, UpdatedAt: d.UpdatedAt, Policy: integrations.Policy(d.Policy), Retry: (*integrations.Retry)(d.Retry), Ordered: d.Ordered,
		Signing: integrations.Signing(d.Signing), TLS: integrations.TLS(d.TLS), Limits: integrations.Limits(d.Limits), Log: integrations.LogRules(d.Log),
	}
}

// Options implements integrations.Store.
func (s *Store) Options(ctx context.Context, integrationID string) (integrations.Options, error) {
	d, err := readOne[optionsDoc](ctx, s.in(optionsName), bson.D{is("_id", integrationID)})
	if errors.Is(err, mongo.ErrNoDocuments) {
		return integrations.Options{IntegrationID: integrationID}, nil
	}
	if err != nil {
		return integrations.Options{}, failed(ctx, "read options", err)
	}
	return decodeOptions(d), nil
}

// AllOptions implements integrations.Store.
func (s *Store) AllOptions(ctx context.Context) ([]integrations.Options, error) {
	all, err := readAll[optionsDoc](ctx, s.in(optionsName), bson.D{}, options.Find().SetSort(byID).SetLimit(mostRecords))
	return convert(all, decodeOptions), failed(ctx, "read options", err)
}

// SaveOptions implements integrations.Store.
func (s *Store) SaveOptions(ctx context.Context, o integrations.Options) error {
	err := s.held(ctx, func() error { return s.saveBeside(ctx, optionsName, o.IntegrationID, encodeOptions(o)) })
	return failed(ctx, "save options", err)
}
