package mongo

import (
	"context"
	"reflect"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/grapnel-chat/grapnel/workspace"
)

// messageDoc is a message as Rocket.Chat keeps it.
type messageDoc struct {
	ID          string        `bson:"_id"`
	RoomID      string        `bson:"rid"`
	Kind        string        `bson:"t,omitzero"` // of a notice
	Author      refDoc        `bson:"u"`
	Text        string        `bson:"msg"`
	At          time.Time     `bson:"ts"`
	UpdatedAt   time.Time     `bson:"_updatedAt"`
	Alias       string        `bson:"alias,omitzero"`
	Avatar      string        `bson:"avatar,omitzero"`
	Emoji       string        `bson:"emoji,omitzero"`
	Attachments bson.RawValue `bson:"attachments,omitzero"`
	File        bson.RawValue `bson:"file,omitzero"` // the first of the files
	Files       bson.RawValue `bson:"files,omitzero"`
	Groupable   *bool         `bson:"groupable,omitzero"`
	ParseURLs   bool          `bson:"parseUrls"`
	ThreadID    string        `bson:"tmid,omitzero"`
	InRoom      bool          `bson:"tshow,omitzero"`
	Custom      bson.RawValue `bson:"customFields,omitzero"`
	Bot         bson.RawValue `bson:"bot,omitzero"`
	EditedAt    time.Time     `bson:"editedAt,omitzero"`
	EditedBy    refDoc        `bson:"editedBy"`
	Reactions   bson.RawValue `bson:"reactions,omitzero"` // by emoji
	Ours        messageOurs   `bson:"grapnel"`
}

// messageOurs is what Rocket.Chat's members do not hold.
type messageOurs struct {
	Causes      []string `bson:"causes,omitzero"`
	Attachments []byte   `bson:"attachments,omitzero"`
	Custom      []byte   `bson:"customFields,omitzero"`
	Bot         []byte   `bson:"bot,omitzero"`
}

// fileRefDoc is a workspace.FileRef inside a document.
type fileRefDoc struct {
	ID     string `bson:"_id"`
	Name   string `bson:"name,omitzero"`
	Type   string `bson:"type,omitzero"`
	Size   int64  `bson:"size,omitzero"`
	Format string `bson:"format,omitzero"`
}

type reactionDoc struct {
	Usernames []string `bson:"usernames"`
}

func encodeMessage(m workspace.Message) messageDoc {
	d := messageDoc{
		ID: m.ID, RoomID: m.RoomID, Kind: string(m.Kind), Author: refDoc(m.Author), Text: m.Text, At: m.At, UpdatedAt: m.UpdatedAt, Alias: m.Alias,
		Avatar: m.Avatar, Emoji: m.Emoji, Groupable: m.Groupable, ParseURLs: m.ParseURLs, ThreadID: m.ThreadID, InRoom: m.InRoom, EditedAt: m.EditedAt,
		EditedBy: refDoc(m.EditedBy), Ours: messageOurs{Causes: m.Causes},
	}
	if m.Files != nil {
		d.Files = rawOf(convert(m.Files, func(f workspace.FileRef) fileRefDoc { return fileRefDoc(f) }))
	}
	if len(m.Files) > 0 {
		d.File = rawOf(fileRefDoc(m.Files[0]))
	}
	if m.Reactions != nil {
		reactions := bson.D{}
		for _, r := range m.Reactions {
			reactions = append(reactions, is(r.Emoji, reactionDoc{r.Usernames}))
		}
		d.Reactions = rawOf(reactions)
	}
	d.Attachments, d.Ours.Attachments = opaque(m.Attachments)
	d.Custom, d.Ours.Custom = opaque(m.Custom)
	d.Bot, d.Ours.Bot = opaque(m.Bot)
	return d
}

func decodeMessage(d messageDoc) workspace.Message {
	return workspace.Message{
		ID: d.ID, RoomID: d.RoomID, Kind: workspace.NoticeKind(d.Kind), Author: workspace.UserRef(d.Author), Text: d.Text, At: d.At, UpdatedAt: d.UpdatedAt, Alias: d.Alias,
		Avatar: d.Avatar, Emoji: d.Emoji, Attachments: opaqueText(d.Attachments, d.Ours.Attachments),
		Files: filesIn(d.Files), Groupable: d.Groupable,
		ParseURLs: d.ParseURLs, ThreadID: d.ThreadID, InRoom: d.InRoom, Custom: opaqueText(d.Custom, d.Ours.Custom), Bot: opaqueText(d.Bot, d.Ours.Bot),
		EditedAt: d.EditedAt, EditedBy: workspace.UserRef(d.EditedBy), Reactions: reactionsIn(d.Reactions), Causes: d.Ours.Causes,
	}
}

func filesIn(value bson.RawValue) []workspace.FileRef {
	var list []fileRefDoc
	if value.Type != bson.TypeArray || value.Unmarshal(&list) != nil {
		return nil
	}
	return convert(list, func(f fileRefDoc) workspace.FileRef { return workspace.FileRef(f) })
}

// over keeps of an old document what did not change: its values may hold more than this server reads
// of them.
func (d messageDoc) over(old messageDoc) messageDoc {
	d.Attachments, d.Ours.Attachments = unchanged(d.Attachments, d.Ours.Attachments, old.Attachments, old.Ours.Attachments)
	d.Custom, d.Ours.Custom = unchanged(d.Custom, d.Ours.Custom, old.Custom, old.Ours.Custom)
	d.Bot, d.Ours.Bot = unchanged(d.Bot, d.Ours.Bot, old.Bot, old.Ours.Bot)
	if reflect.DeepEqual(reactionsIn(d.Reactions), reactionsIn(old.Reactions)) {
		d.Reactions = old.Reactions
	}
	if slices.Equal(filesIn(d.Files), filesIn(old.Files)) {
		d.File, d.Files = old.File, old.Files
	}
	return d
}

func reactionsIn(value bson.RawValue) []workspace.Reaction {
	if value.Type != bson.TypeEmbeddedDocument {
		return nil
	}
	reactions := []workspace.Reaction{}
	elements, _ := value.Document().Elements()
	for _, e := range elements {
		var d reactionDoc
		if e.Value().Unmarshal(&d) == nil {
			reactions = append(reactions, workspace.Reaction{Emoji: e.Key(), Usernames: d.Usernames})
		}
	}
	return reactions
}

// AddMessages implements workspace.MessageStore. The first message is the one that makes all true.
func (s *Store) AddMessages(ctx context.Context, messages []workspace.Message, effects []workspace.Effect) error {
	if len(messages) == 0 {
		return s.AddEffects(ctx, effects)
	}
	return failed(ctx, "add messages", s.addMessages(ctx, messages, effects))
}

func (s *Store) addMessages(ctx context.Context, messages []workspace.Message, effects []workspace.Effect) error {
	if err := s.refuseKnown(ctx, messages); err != nil {
		return err
	}
	first := messages[0]
	l := newLead(messagesName, first.ID)
	f := follower{rows: s.newRows(effects), shownBy: map[string]string{}}
	lead := insertion(encodeMessage(first), l.marked(s.seq(first.At))...)
	f.parts = s.messageParts(messages[1:])
	for _, m := range messages {
		for _, file := range m.Files {
			f.files = append(f.files, file)
			f.shownBy[file.ID] = m.ID
		}
	}
	return s.together(ctx, l, f, func() error {
		_, err := s.in(messagesName).InsertOne(ctx, lead)
		return err
	})
}

func (s *Store) messageParts(messages []workspace.Message) []part {
	return convert(messages, func(m workspace.Message) part {
		return part{In: messagesName, Doc: insertion(encodeMessage(m), s.seq(m.At))}
	})
}

// refuseKnown answers workspace.ErrConflict where one of several messages is known, or stands among
// them twice. Of a single one, its insertion says that.
func (s *Store) refuseKnown(ctx context.Context, messages []workspace.Message) error {
	if len(messages) == 1 {
		return nil
	}
	var ids []string
	seen := map[string]bool{}
	for _, m := range messages {
		if seen[m.ID] {
			return workspace.ErrConflict
		}
		seen[m.ID] = true
		ids = append(ids, m.ID)
	}
	known, err := s.has(ctx, messagesName, bson.D{is("_id", op("$in", ids))})
	if err == nil && known {
		return workspace.ErrConflict
	}
	return err
}

// SaveMessage implements workspace.MessageStore.
func (s *Store) SaveMessage(ctx context.Context, m workspace.Message, effects []workspace.Effect) error {
	old, err := readOne[messageDoc](ctx, s.in(messagesName), bson.D{is("_id", m.ID)})
	if err != nil {
		return failed(ctx, "save message", err)
	}
	l := newLead(messagesName, m.ID)
	return failed(ctx, "save message", s.together(ctx, l, follower{rows: s.newRows(effects)}, func() error {
		return s.updateOne(ctx, messagesName, m.ID, l.leading(change(encodeMessage(m).over(old))))
	}))
}

// Message implements workspace.MessageStore.
func (s *Store) Message(ctx context.Context, id string) (workspace.Message, error) {
	d, err := readOne[messageDoc](ctx, s.in(messagesName), bson.D{is("_id", id)})
	if err != nil {
		return workspace.Message{}, failed(ctx, "read message", err)
	}
	return decodeMessage(d), nil
}

// RemoveMessage implements workspace.MessageStore.
func (s *Store) RemoveMessage(ctx context.Context, id string) error {
	err := s.noted(ctx, newNote(messageRemoved, id), func() error { return s.deleteOne(ctx, messagesName, bson.D{is("_id", id)}) })
	return failed(ctx, "remove message", err)
}

// RemoveOldMessages implements workspace.MessageStore. Files go before their messages, so that none
// stays when this breaks off.
func (s *Store) RemoveOldMessages(ctx context.Context, roomID string, kept workspace.Kept, limit int) (int, error) {
	removed, err := s.removeOldMessages(ctx, roomID, kept, limit)
	return removed, failed(ctx, "remove old messages", err)
}

func (s *Store) removeOldMessages(ctx context.Context, roomID string, kept workspace.Kept, limit int) (int, error) {
	gone, err := s.goneMessages(ctx, roomID, kept)
	if err != nil || len(gone) == 0 || limit <= 0 {
		return 0, err
	}
	find := options.Find().SetSort(bson.D{is("ts", 1), is(seqPath, 1)}).SetLimit(int64(limit)).SetProjection(byID)
	found, err := readAll[messageDoc](ctx, s.in(messagesName), bson.D{is("rid", roomID), is("$or", gone)}, find)
	if err != nil || len(found) == 0 {
		return 0, err
	}
	ids := convert(found, func(d messageDoc) string { return d.ID })
	if err := s.dropFiles(ctx, bson.D{is("grapnel.messageId", op("$in", ids))}); err != nil {
		return 0, err
	}
	result, err := s.in(messagesName).DeleteMany(ctx, bson.D{is("_id", op("$in", ids))})
	if err != nil {
		return 0, err
	}
	return int(result.DeletedCount), nil
}

// goneMessages are the conditions under which a message of a room is not kept.
func (s *Store) goneMessages(ctx context.Context, roomID string, kept workspace.Kept) (gone bson.A, err error) {
	if !kept.Since.IsZero() {
		gone = append(gone, bson.D{is("ts", op("$lt", kept.Since))})
	}
	if kept.Newest <= 0 {
		return gone, nil
	}
	type placed struct {
		At   time.Time `bson:"ts"`
		Ours struct {
			Seq int64 `bson:"seq"`
		} `bson:"grapnel"`
	}
	find := options.Find().SetSort(bson.D{is("ts", -1), is(seqPath, -1)}).SetSkip(int64(kept.Newest)).SetLimit(1).
		SetProjection(bson.D{is("ts", 1), is(seqPath, 1)})
	newest, err := readAll[placed](ctx, s.in(messagesName), bson.D{is("rid", roomID)}, find)
	if err != nil || len(newest) == 0 {
		return gone, err
	}
	at, seq := newest[0].At, newest[0].Ours.Seq
	return append(gone, bson.D{is("ts", op("$lt", at))}, bson.D{is("ts", at), is(seqPath, bson.D{is("$not", op("$gt", seq))})}), nil
}

// andBetween leaves out what lies outside of a time.
func (l *list) andBetween(f workspace.MessageFilter) {
	after, before := "$gt", "$lt"
	if f.Bounds {
		after, before = "$gte", "$lte"
	}
	bounds := bson.D{}
	if !f.After.IsZero() {
		bounds = append(bounds, is(after, f.After))
	}
	if !f.Before.IsZero() {
		bounds = append(bounds, is(before, f.Before))
	}
	if len(bounds) > 0 {
		l.and(is("ts", bounds))
	}
}

var messageFields = map[string]field{
	"_id":        {path: "_id"},
	"msg":        {path: "msg"},
	"ts":         {path: "ts", time: true},
	"_updatedAt": {path: "_updatedAt", time: true},
}

// Messages implements workspace.MessageStore. What Rocket.Chat has hidden is no message.
func (s *Store) Messages(ctx context.Context, filter workspace.MessageFilter, page workspace.Page) ([]workspace.Message, int, error) {
	l := list{collection: messagesName, fields: messageFields, order: []workspace.Order{{Field: "ts", Descending: true}}, seq: seqPath}
	if filter.RoomID != "" {
		l.and(is("rid", filter.RoomID))
	}
	if filter.ThreadID != "" {
		l.and(is("tmid", filter.ThreadID))
	}
	l.andBetween(filter)
	l.and(is("_hidden", op("$ne", true)))
	messages, total, err := readPage(ctx, s, l, page, decodeMessage)
	return messages, total, failed(ctx, "read messages", err)
}
