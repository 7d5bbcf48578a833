package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/workspace"
)

// AddIntegration implements integrations.Store.
func (s *Store) AddIntegration(ctx context.Context, i integrations.Integration) error {
	err := s.held(ctx, func() error {
		_, err := s.in(integrationsName).InsertOne(ctx, insertion(encodeIntegration(i), s.seq(i.CreatedAt)))
		return err
	})
	return failed(ctx, "add integration", err)
}

// Integration implements integrations.Store.
func (s *Store) Integration(ctx context.Context, id string) (integrations.Integration, error) {
	d, err := readOne[integrationDoc](ctx, s.in(integrationsName), bson.D{is("_id", id)})
	if err != nil {
		return integrations.Integration{}, failed(ctx, "read integration", err)
	}
	return decodeIntegration(d), nil
}

// IntegrationByURL implements integrations.Store.
func (s *Store) IntegrationByURL(ctx context.Context, url string) (integrations.Integration, error) {
	oldest := options.FindOne().SetSort(bson.D{is(seqPath, 1)})
	d, err := readOne[integrationDoc](ctx, s.in(integrationsName), bson.D{is("urls", url), is("type", string(integrations.Outgoing))}, oldest)
	if err != nil {
		return integrations.Integration{}, failed(ctx, "read integration", err)
	}
	return decodeIntegration(d), nil
}

var integrationFields = map[string]field{
	"_id":        {path: "_id"},
	"type":       {path: "type"},
	"name":       {path: "name"},
	"username":   {path: "username"},
	"enabled":    {path: "enabled"},
	"_createdAt": {path: "_createdAt", time: true},
	"_updatedAt": {path: "_updatedAt", time: true},
}

// Integrations implements integrations.Store.
func (s *Store) Integrations(ctx context.Context, filter integrations.Filter, page workspace.Page) ([]integrations.Integration, int, error) {
	l := list{collection: integrationsName, fields: integrationFields, seq: seqPath, index: bySeq}
	l.andScopes(filter)
	if filter.Kind != "" {
		l.and(is("type", string(filter.Kind)))
	}
	if filter.Name != "" {
		l.and(is("name", contains(filter.Name)))
	}
	list, total, err := readPage(ctx, s, l, page, decodeIntegration)
	return list, total, failed(ctx, "read integrations", err)
}

// andScopes leaves out what the scopes do not let through.
func (l *list) andScopes(filter integrations.Filter) {
	if filter.Incoming == permissions.All && filter.Outgoing == permissions.All {
		return
	}
	let := bson.A{bson.D{is("type", op("$nin", bson.A{string(integrations.Incoming), string(integrations.Outgoing)}))}}
	for kind, scope := range map[integrations.Kind]permissions.Scope{integrations.Incoming: filter.Incoming, integrations.Outgoing: filter.Outgoing} {
		switch scope {
		case permissions.All:
			let = append(let, bson.D{is("type", string(kind))})
		case permissions.Own:
			let = append(let, bson.D{is("type", string(kind)), is("_createdBy._id", filter.CreatorID)})
		default:
		}
	}
	l.and(is("$or", let))
}

// SaveIntegration implements integrations.Store.
func (s *Store) SaveIntegration(ctx context.Context, i integrations.Integration) error {
	n := newNote(integrationSaved, i.ID)
	err := s.noted(ctx, n, func() error {
		return s.updateOne(ctx, integrationsName, i.ID, n.leading(change(encodeIntegration(i))))
	})
	return failed(ctx, "save integration", err)
}

// RemoveIntegration implements integrations.Store.
func (s *Store) RemoveIntegration(ctx context.Context, id string, withDeliveries bool) error {
	n := newNote(integrationRemoved, id)
	if withDeliveries {
		n.More = withDeliveriesToo
	}
	err := s.noted(ctx, n, func() error { return s.deleteOne(ctx, integrationsName, bson.D{is("_id", id)}) })
	return failed(ctx, "remove integration", err)
}

// clearIntegration removes what an integration that was removed leaves behind.
func (s *Store) clearIntegration(ctx context.Context, id string, withDeliveries bool) error {
	for _, collection := range []string{lastErrorsName, optionsName} {
		if err := s.deleteMany(ctx, collection, bson.D{is("_id", id)}); err != nil {
			return err
		}
	}
	if err := s.deleteMany(ctx, outagesName, bson.D{is("integrationId", id)}); err != nil {
		return err
	}
	if err := s.deleteScriptValues(ctx, id); err != nil || !withDeliveries {
		return err
	}
	return s.deleteMany(ctx, deliveriesName, bson.D{is("key", id)})
}

// saveBeside replaces a document that stands beside an integration, which must be there.
func (s *Store) saveBeside(ctx context.Context, collection, integrationID string, doc any) error {
	if err := s.mustHave(ctx, integrationsName, integrationID); err != nil {
		return err
	}
	_, err := s.in(collection).ReplaceOne(ctx, bson.D{is("_id", integrationID)}, doc, options.Replace().SetUpsert(true))
	return err
}
