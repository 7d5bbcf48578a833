package mongo

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/grapnel-chat/grapnel/integrations"
)

// scriptValuesDoc holds all that a version of a script keeps. The names of its values are in hex behind
// a letter, as scripts name them as they like and documents do not.
type scriptValuesDoc struct {
	ID            string            `bson:"_id"`
	IntegrationID string            `bson:"integrationId"`
	Version       string            `bson:"version"`
	Values        map[string][]byte `bson:"values"`
}

const valueName = "k"

func scriptValuesID(integrationID, version string) string { return integrationID + "/" + version }

// ScriptValues implements integrations.Store.
func (s *Store) ScriptValues(ctx context.Context, integrationID, version string) ([]integrations.ScriptValue, error) {
	d, err := readOne[scriptValuesDoc](ctx, s.in(scriptValuesName), bson.D{is("_id", scriptValuesID(integrationID, version))})
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil, nil
	}
	if err != nil {
		return nil, failed(ctx, "read script values", err)
	}
	var values []integrations.ScriptValue
	for name, value := range d.Values {
		key, err := hex.DecodeString(strings.TrimPrefix(name, valueName))
		if err != nil {
			return nil, failed(ctx, "read script values", err)
		}
		values = append(values, integrations.ScriptValue{Key: string(key), Value: value})
	}
	slices.SortFunc(values, func(a, b integrations.ScriptValue) int { return cmp.Compare(a.Key, b.Key) })
	return values, nil
}

// SaveScriptValues implements integrations.Store.
func (s *Store) SaveScriptValues(ctx context.Context, integrationID, version string, values []integrations.ScriptValue) error {
	if err := s.mustHave(ctx, integrationsName, integrationID); err != nil {
		return failed(ctx, "save script values", err)
	}
	set, unset := bson.D{is("integrationId", integrationID), is("version", version)}, bson.D{}
	for _, v := range values {
		path := "values." + valueName + hex.EncodeToString([]byte(v.Key))
		if v.Value == nil {
			unset = append(unset, is(path, ""))
		} else {
			set = append(set, is(path, v.Value))
		}
	}
	update := bson.D{is("$set", set)}
	if len(unset) > 0 {
		update = append(update, is("$unset", unset))
	}
	id := bson.D{is("_id", scriptValuesID(integrationID, version))}
	_, err := s.in(scriptValuesName).UpdateOne(ctx, id, update, options.UpdateOne().SetUpsert(true))
	return failed(ctx, "save script values", err)
}

func (s *Store) deleteScriptValues(ctx context.Context, integrationID string) error {
	return s.deleteMany(ctx, scriptValuesName, bson.D{is("integrationId", integrationID)})
}
