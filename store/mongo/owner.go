package mongo

import (
	"context"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// Owner says whose a database is.
type Owner int

// A database is empty, or has our mark, or holds documents of Rocket.Chat's collections without it.
const (
	Nobody Owner = iota
	Ours
	RocketChat
)

// ownFact marks a database that was empty when it was opened first.
const ownFact = "grapnel"

// owner looks for documents of Rocket.Chat's collections, and then for our mark: another server may be
// about to make a workspace, which it marks first. Collections do not count: a server that was killed
// in its first second has made some.
func (s *Store) owner(ctx context.Context) (Owner, error) {
	names, err := s.db.ListCollectionNames(ctx, bson.D{})
	if err != nil {
		return Nobody, failed(ctx, "list the collections", err)
	}
	held := Nobody
	for _, name := range names {
		if name != usersName && !strings.HasPrefix(name, "rocketchat_") {
			continue
		}
		found, err := s.in(name).CountDocuments(ctx, bson.D{}, options.Count().SetHint(byID).SetLimit(1))
		if err != nil {
			return Nobody, failed(ctx, "look into "+name, err)
		}
		if found > 0 {
			held = RocketChat
		}
	}
	marked, err := s.has(ctx, factsName, bson.D{is("_id", op("$in", bson.A{ownFact, seededFact, planFact}))})
	if err != nil {
		return Nobody, failed(ctx, "look for the mark of a workspace", err)
	}
	if marked {
		return Ours, nil
	}
	return held, nil
}
