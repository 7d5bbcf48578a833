package mongo

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// note says what is to be done after a document was changed or removed. All of it may be done again.
type note struct {
	Mark string `bson:"_id"`
	Kind string `bson:"note"`
	ID   string `bson:"id"`             // of the document
	More string `bson:"more,omitempty"` // what the document itself cannot tell any more
}

// The kinds of notes.
const (
	userRemoved        = "user removed"
	userRenamed        = "user renamed"
	roomRemoved        = "room removed"
	messageRemoved     = "message removed"
	integrationSaved   = "integration saved"
	integrationRemoved = "integration removed"
	withDeliveriesToo  = "with deliveries"
)

// noted carries out commit and then what the note says. What of that does not succeed now is done by
// the next settling.
func (s *Store) noted(ctx context.Context, n note, commit func() error) error {
	n.Mark = bson.NewObjectID().Hex()
	if _, err := s.in(unfinishedName).InsertOne(ctx, n); err != nil {
		return err
	}
	err := commit()
	ctx = context.WithoutCancel(ctx)
	if err != nil {
		if isCertain(err) {
			_ = s.forgetNote(ctx, n)
		}
		return err
	}
	if s.follow(ctx, n) == nil {
		_ = s.forgetNote(ctx, n)
	}
	return nil
}

func (s *Store) forgetNote(ctx context.Context, n note) error {
	_, err := s.in(unfinishedName).DeleteOne(ctx, bson.D{is("_id", n.Mark)})
	return err
}

// settleNote does what a note says, unless what it is about is still there.
func (s *Store) settleNote(ctx context.Context, n note) error {
	removed := map[string]string{userRemoved: usersName, roomRemoved: roomsName, messageRemoved: messagesName, integrationRemoved: integrationsName}
	if collection, ok := removed[n.Kind]; ok {
		there, err := s.has(ctx, collection, bson.D{is("_id", n.ID)})
		if err != nil {
			return err
		}
		if there {
			return s.forgetNote(ctx, n)
		}
	}
	if err := s.follow(ctx, n); err != nil {
		return err
	}
	return s.forgetNote(ctx, n)
}

func (s *Store) follow(ctx context.Context, n note) error {
	switch n.Kind {
	case userRemoved:
		return s.clearUser(ctx, n.ID)
	case userRenamed:
		return s.renameInRooms(ctx, n.ID, n.More)
	case roomRemoved:
		return s.clearRoom(ctx, n.ID, n.More)
	case messageRemoved:
		return s.dropFiles(ctx, bson.D{is("grapnel.messageId", n.ID)})
	case integrationSaved:
		return s.deleteScriptValues(ctx, n.ID)
	case integrationRemoved:
		return s.clearIntegration(ctx, n.ID, n.More == withDeliveriesToo)
	default:
		return fmt.Errorf("note %q: unknown", n.Kind)
	}
}
