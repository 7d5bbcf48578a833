package mongo

import (
	"context"
	"errors"
	"io"
	"path"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/grapnel-chat/grapnel/workspace"
)

// The states of a file. One that is arriving belongs to its upload, and one that is dropped is about
// to be removed: neither can be read. Rocket.Chat's files have no state; they are posted.
const (
	arriving = "arriving"
	waiting  = "waiting"
	posted   = "posted"
	dropped  = "dropped"
)

// fileDoc is a file as Rocket.Chat keeps it.
type fileDoc struct {
	ID        string      `bson:"_id"`
	Name      string      `bson:"name,omitzero"`
	Type      string      `bson:"type,omitzero"`
	Extension string      `bson:"extension,omitzero"`
	Size      int64       `bson:"size"`
	RoomID    string      `bson:"rid,omitzero"`
	UserID    string      `bson:"userId,omitzero"`
	Identify  identifyDoc `bson:"identify"`
	CreatedAt time.Time   `bson:"uploadedAt"`
	Complete  bool        `bson:"complete"`
	Uploading bool        `bson:"uploading"`
	Store     string      `bson:"store"`
	Ours      fileOurs    `bson:"grapnel"`
}

type identifyDoc struct {
	Format string  `bson:"format,omitzero"`
	Size   sizeDoc `bson:"size"`
}

type sizeDoc struct {
	Width  int `bson:"width,omitzero"`
	Height int `bson:"height,omitzero"`
}

type fileOurs struct {
	State     string `bson:"state,omitzero"`
	MessageID string `bson:"messageId,omitzero"`
}

// gridFS is the store of files that Rocket.Chat has in the database itself.
const gridFS = "GridFS:Uploads"

func encodeFile(f workspace.File, state string) fileDoc {
	return fileDoc{
		ID: f.ID, Name: f.Name, Type: f.Type, Extension: strings.TrimPrefix(path.Ext(f.Name), "."), Size: f.Size, RoomID: f.RoomID,
		UserID: f.UserID, Identify: identifyDoc{f.Format, sizeDoc{f.Width, f.Height}}, CreatedAt: f.CreatedAt,
		Complete: state != arriving, Uploading: state == arriving, Store: gridFS, Ours: fileOurs{State: state},
	}
}

func decodeFile(d fileDoc) workspace.File {
	return workspace.File{
		ID: d.ID, Name: d.Name, Type: d.Type, Format: d.Identify.Format, Width: d.Identify.Size.Width, Height: d.Identify.Size.Height,
		Size: d.Size, RoomID: d.RoomID, UserID: d.UserID, MessageID: d.Ours.MessageID, CreatedAt: d.CreatedAt,
	}
}

// AddFile implements workspace.FileStore. The record comes first, so that a content without one
// cannot be.
func (s *Store) AddFile(ctx context.Context, f workspace.File, content io.Reader) (workspace.File, error) {
	f.Size, f.MessageID = 0, ""
	if _, err := s.in(uploadsName).InsertOne(ctx, insertion(encodeFile(f, arriving))); err != nil {
		return workspace.File{}, failed(ctx, "announce file", err)
	}
	kept, err := s.receive(ctx, f, content)
	if err != nil {
		cleanUp := context.WithoutCancel(ctx)
		if s.setState(cleanUp, bson.D{is("_id", f.ID), is("grapnel.state", arriving)}, dropped) == nil {
			_ = s.clearFile(cleanUp, f.ID) // what stays is cleared by the next sweep
		}
		return workspace.File{}, err
	}
	return kept, nil
}

// receive writes the content and then lets the file be read.
func (s *Store) receive(ctx context.Context, f workspace.File, content io.Reader) (workspace.File, error) {
	size, err := s.writeContent(ctx, f, content)
	if err != nil {
		return workspace.File{}, failed(ctx, "write file", err)
	}
	f.Size = size
	result, err := s.in(uploadsName).UpdateOne(ctx, bson.D{is("_id", f.ID), is("grapnel.state", arriving)}, change(encodeFile(f, waiting)))
	if err == nil && result.MatchedCount == 0 {
		err = workspace.ErrNotFound
	}
	return f, failed(ctx, "add file", err)
}

// visible is the condition under which a file can be read.
var visible = is("grapnel.state", op("$nin", bson.A{arriving, dropped}))

// File implements workspace.FileStore.
func (s *Store) File(ctx context.Context, id string) (workspace.File, error) {
	d, err := readOne[fileDoc](ctx, s.in(uploadsName), bson.D{is("_id", id), visible})
	if err != nil {
		return workspace.File{}, failed(ctx, "read file", err)
	}
	return decodeFile(d), nil
}

// take gives a file that waits to the message which is to show it.
func (s *Store) take(ctx context.Context, l lead, id, messageID string) error {
	update := bson.D{is("$set", bson.D{is("grapnel.state", posted), is("grapnel.messageId", messageID), is("grapnel.taken", l)})}
	result, err := s.in(uploadsName).UpdateOne(ctx, bson.D{is("_id", id), is("grapnel.state", waiting)}, update)
	if err == nil && result.MatchedCount == 0 {
		return workspace.ErrNotFound
	}
	return err
}

// give lets the message have a file for good.
func (s *Store) give(ctx context.Context, id, messageID string) error {
	update := bson.D{
		is("$set", bson.D{is("grapnel.state", posted), is("grapnel.messageId", messageID)}), is("$unset", bson.D{is("grapnel.taken", "")}),
	}
	_, err := s.in(uploadsName).UpdateOne(ctx, bson.D{is("_id", id), is("grapnel.state", op("$in", bson.A{waiting, posted}))}, update)
	return err
}

// RemoveWaitingFile implements workspace.FileStore.
func (s *Store) RemoveWaitingFile(ctx context.Context, id string) error {
	result, err := s.in(uploadsName).UpdateOne(ctx, bson.D{is("_id", id), is("grapnel.state", waiting)}, stateUpdate(dropped))
	if err == nil && result.MatchedCount == 0 {
		err = workspace.ErrNotFound
	}
	if err != nil {
		return failed(ctx, "remove file", err)
	}
	_ = s.clearFile(context.WithoutCancel(ctx), id) // what stays is cleared by the next sweep
	return nil
}

// RemoveWaitingFiles implements workspace.FileStore. What has been arriving since before that time
// will not arrive any more.
func (s *Store) RemoveWaitingFiles(ctx context.Context, before time.Time) error {
	for _, state := range []string{waiting, arriving} {
		if err := s.setState(ctx, bson.D{is("grapnel.state", state), is("uploadedAt", op("$lt", before))}, dropped); err != nil {
			return failed(ctx, "drop files", err)
		}
	}
	return failed(ctx, "clear files", s.clearFiles(ctx))
}

func (s *Store) setState(ctx context.Context, filter bson.D, state string) error {
	_, err := s.in(uploadsName).UpdateMany(ctx, filter, stateUpdate(state))
	return err
}

func stateUpdate(state string) bson.D {
	return bson.D{is("$set", bson.D{is("grapnel.state", state)})}
}

// dropFiles removes the files that match and can be read.
func (s *Store) dropFiles(ctx context.Context, filter bson.D) error {
	result, err := s.in(uploadsName).UpdateMany(ctx, append(filter, visible), stateUpdate(dropped))
	if err != nil || result.ModifiedCount == 0 {
		return err
	}
	_ = s.clearFiles(ctx) // what stays is cleared by the next sweep
	return nil
}

// clearFiles removes the contents of files that were dropped, and then their records.
func (s *Store) clearFiles(ctx context.Context) error {
	find := options.Find().SetProjection(byID).SetLimit(mostRecords)
	found, err := readAll[fileDoc](ctx, s.in(uploadsName), bson.D{is("grapnel.state", dropped)}, find)
	if err != nil {
		return err
	}
	var failures []error
	for _, d := range found {
		failures = append(failures, s.clearFile(ctx, d.ID))
	}
	return errors.Join(failures...)
}

func (s *Store) clearFile(ctx context.Context, id string) error {
	if err := s.removeContent(ctx, id); err != nil {
		return err
	}
	return s.deleteMany(ctx, uploadsName, bson.D{is("_id", id), is("grapnel.state", dropped)})
}
