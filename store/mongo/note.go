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

	Permissions []permissionDoc `bson:"permissions,omitempty"`
}

// The kinds of notes.
const (
	userRemoved        = "user removed"
	userRenamed        = "user renamed"
	roomRemoved        = "room removed"
	messageRemoved     = "message removed"
	integrationSaved   = "integration saved"
	integrationRemoved = "integration removed"
	heldChanged        = "held changed"
	permissionsSaved   = "permissions saved"
	withDeliveriesToo  = "with deliveries"
)

func newNote(kind, id string) note { return note{Mark: bson.NewObjectID().Hex(), Kind: kind, ID: id} }

// noted carries out commit and then what the note says. What of that does not succeed now is done by
// the next settling.
func (s *Store) noted(ctx context.Context, n note, commit func() error) error {
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

// settleNote does what a note says if it came true.
func (s *Store) settleNote(ctx context.Context, n note) error {
	came := true
	if l, led := n.lead(); led {
		var err error
		if came, err = s.isTrue(ctx, l); err != nil {
			return err
		}
	}
	if came {
		if err := s.follow(ctx, n); err != nil {
			return err
		}
	}
	return s.forgetNote(ctx, n)
}

// lead is the document whose change or removal makes a note true. Some notes are true by themselves.
func (n note) lead() (l lead, led bool) {
	collections := map[string]string{
		userRemoved: usersName, userRenamed: usersName, roomRemoved: roomsName, messageRemoved: messagesName,
		integrationSaved: integrationsName, integrationRemoved: integrationsName,
	}
	in, led := collections[n.Kind]
	return lead{Mark: n.Mark, In: in, ID: n.ID, Gone: n.Kind != userRenamed && n.Kind != integrationSaved}, led
}

// leading is the update of the note's document that makes it true.
func (n note) leading(update bson.D) bson.D {
	l, _ := n.lead()
	return l.leading(update)
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
	case heldChanged:
		return s.countChange(ctx)
	case integrationSaved:
		if err := s.countChange(ctx); err != nil {
			return err
		}
		return s.deleteScriptValues(ctx, n.ID)
	case integrationRemoved:
		if err := s.countChange(ctx); err != nil {
			return err
		}
		return s.clearIntegration(ctx, n.ID, n.More == withDeliveriesToo)
	case permissionsSaved:
		if err := s.savePermissions(ctx, n.Permissions); err != nil {
			return err
		}
		return s.countChange(ctx)
	default:
		return fmt.Errorf("note %q: unknown", n.Kind)
	}
}
