package mongo

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/grapnel-chat/grapnel/workspace"
)

// leadsPath is the member of a document that holds the marks of the writes that it has led. Only the
// last ones stay: what they were for is settled long before.
const (
	leadsPath = "grapnel.leads"
	leadsKept = 50
)

// lead is the document that makes a write true: once it holds the write's mark or, where the write
// removes it, once it is gone.
type lead struct {
	Mark string `bson:"mark"`
	In   string `bson:"in"` // collection
	ID   string `bson:"id"`
	Gone bool   `bson:"gone,omitempty"`
}

func newLead(collection, id string) lead {
	return lead{Mark: bson.NewObjectID().Hex(), In: collection, ID: id}
}

// leading is the update that marks the lead, over another update or none.
func (l lead) leading(update bson.D) bson.D {
	push := bson.D{is(leadsPath, bson.D{is("$each", bson.A{l.Mark}), is("$slice", -leadsKept)})}
	return append(update, is("$push", push))
}

// marked are the members of a new document that is the lead.
func (l lead) marked(more ...bson.E) []bson.E { return append(more, is(leadsPath, bson.A{l.Mark})) }

// isTrue reports whether the write has come true.
func (s *Store) isTrue(ctx context.Context, l lead) (bool, error) {
	if l.Gone {
		there, err := s.has(ctx, l.In, bson.D{is("_id", l.ID)})
		return !there, err
	}
	return s.has(ctx, l.In, bson.D{is("_id", l.ID), is(leadsPath, l.Mark)})
}

// follower is what becomes true with a lead: it is written before, where nobody sees it, and let go
// afterwards.
type follower struct {
	rows    []rowDoc // deliveries
	parts   []part
	files   []workspace.FileRef // that the message with the lead's id, or the one below, shows
	shownBy map[string]string   // message id by file id
}

// part is a document that is added where it is missing.
type part struct {
	In  string `bson:"in"`
	Doc bson.D `bson:"doc"`
}

func (f follower) none() bool {
	return len(f.rows) == 0 && len(f.parts) == 0 && len(f.files) == 0
}

// together carries out commit, which writes the lead, and what follows it. What cannot be let go at
// once is let go by the next settling.
func (s *Store) together(ctx context.Context, l lead, f follower, commit func() error) error {
	if f.none() {
		return commit()
	}
	if err := s.stage(ctx, l, f); err != nil {
		if isCertain(err) {
			s.drop(ctx, l)
		}
		return err
	}
	if err := commit(); err != nil {
		if isCertain(err) {
			s.drop(ctx, l)
		}
		return err
	}
	_ = s.letGo(context.WithoutCancel(ctx), l, f) // what stays is let go by the next settling
	if len(f.rows) > 0 {
		s.announce(f.rows)
	}
	return nil
}

// letGo makes true what follows a lead that came true. Where the lead took long, another server may
// have dropped it: so parts are added from here, files are given away once more, and deliveries that
// are missing are added again.
func (s *Store) letGo(ctx context.Context, l lead, f follower) error {
	for _, p := range f.parts {
		if err := s.addMissing(ctx, p.In, p.Doc); err != nil {
			return err
		}
	}
	for _, file := range f.files {
		if err := s.give(ctx, file.ID, f.shownBy[file.ID]); err != nil {
			return err
		}
	}
	if len(f.rows) > 0 {
		released, err := s.releaseRows(ctx, l, statesOf(f.rows)...)
		if err == nil && released < len(f.rows) {
			err = s.restore(ctx, f.rows)
		}
		if err != nil {
			return err
		}
	}
	if len(f.parts) == 0 {
		return nil
	}
	return s.forgetParts(ctx, l)
}

// stage writes what follows a lead.
func (s *Store) stage(ctx context.Context, l lead, f follower) error {
	if len(f.parts) > 0 {
		docs := make([]any, len(f.parts))
		for n, p := range f.parts {
			docs[n] = bson.D{is("_id", fmt.Sprintf("%s-%d", l.Mark, n)), is("arriving", l), is("part", p)}
		}
		if _, err := s.in(unfinishedName).InsertMany(ctx, docs); err != nil {
			return err
		}
	}
	for _, file := range f.files {
		if err := s.take(ctx, l, file.ID, f.shownBy[file.ID]); err != nil {
			return err
		}
	}
	if len(f.rows) == 0 {
		return nil
	}
	return s.stageRows(ctx, l, f.rows)
}

// drop takes back what follows a lead that does not come true.
func (s *Store) drop(ctx context.Context, l lead) {
	ctx = context.WithoutCancel(ctx)
	_ = s.dropAll(ctx, l) // what stays is dropped by the next settling
}

func (s *Store) dropAll(ctx context.Context, l lead) error {
	if _, err := s.in(deliveriesName).DeleteMany(ctx, bson.D{is("arriving.mark", l.Mark), is("state", arriving)}); err != nil {
		return err
	}
	back := bson.D{is("$set", bson.D{is("grapnel.state", waiting)}), is("$unset", bson.D{is("grapnel.taken", ""), is("grapnel.messageId", "")})}
	if _, err := s.in(uploadsName).UpdateMany(ctx, bson.D{is("grapnel.taken.mark", l.Mark)}, back); err != nil {
		return err
	}
	return s.forgetParts(ctx, l)
}

func (s *Store) forgetParts(ctx context.Context, l lead) error {
	return s.deleteMany(ctx, unfinishedName, bson.D{is("arriving.mark", l.Mark)})
}

// release is letGo for who knows the lead alone.
func (s *Store) release(ctx context.Context, l lead) error {
	if err := s.addParts(ctx, l); err != nil {
		return err
	}
	untaken := bson.D{is("$unset", bson.D{is("grapnel.taken", "")})}
	if _, err := s.in(uploadsName).UpdateMany(ctx, bson.D{is("grapnel.taken.mark", l.Mark)}, untaken); err != nil {
		return err
	}
	if _, err := s.releaseRows(ctx, l, rowWaiting, rowParked); err != nil {
		return err
	}
	return s.forgetParts(ctx, l)
}

func (s *Store) addParts(ctx context.Context, l lead) error {
	type partDoc struct {
		Part part `bson:"part"`
	}
	found, err := readAll[partDoc](ctx, s.in(unfinishedName), bson.D{is("arriving.mark", l.Mark)}, options.Find().SetSort(bson.D{is("_id", 1)}).SetLimit(mostRecords))
	if err != nil {
		return err
	}
	for _, p := range found {
		if err := s.addMissing(ctx, p.Part.In, p.Part.Doc); err != nil {
			return err
		}
	}
	return nil
}

// addMissing adds a document unless it, or one that a unique index takes for the same, is there.
func (s *Store) addMissing(ctx context.Context, collection string, doc bson.D) error {
	_, err := s.in(collection).InsertOne(ctx, doc)
	if mongo.IsDuplicateKeyError(err) {
		return nil
	}
	return err
}
