package mongo

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"github.com/grapnel-chat/grapnel/integrations"
)

const (
	exchangesName = "grapnel_exchanges"
	totalsName    = "grapnel_exchange_totals"
)

// logPool is how many connections the log has: one writes, and few people read it.
const logPool = 10

// logIndexes are those of the log. Each exchange stands in two of them, beside the one of its id.
var logIndexes = []index{
	{collection: exchangesName, keys: []string{"integrationId", "_id"}},
	{collection: exchangesName, keys: []string{"deliveryId", "_id"}, where: bson.D{exists("deliveryId")}},
}

// Log keeps exchanges in a MongoDB, a document for each. It does not wait for other members of a
// replica set, nor for their disks: what it was given last may be lost where nothing else is.
type Log struct {
	s         *Store
	exchanges *mongo.Collection
	totals    *mongo.Collection
}

// OpenLog opens the log in a database that a Store was opened at before.
func OpenLog(ctx context.Context, address string) (*Log, error) {
	return openLog(ctx, address, func(*options.ClientOptions) {})
}

func openLog(ctx context.Context, address string, more func(*options.ClientOptions)) (*Log, error) {
	s, err := connect(ctx, address, func(o *options.ClientOptions) { o.SetMaxPoolSize(logPool); more(o) })
	if err != nil {
		return nil, err
	}
	if err := s.makeIndexes(ctx, logIndexes); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	hurried := options.Collection().SetWriteConcern(&writeconcern.WriteConcern{W: 1}).SetReadConcern(readconcern.Local())
	return &Log{s, s.db.Collection(exchangesName, hurried), s.db.Collection(totalsName, hurried)}, nil
}

// Close lets go of the database.
func (l *Log) Close() error { return l.s.Close() }

// totalDoc is what the exchanges of an integration amount to. After a crash it may say too much, but
// never too little; TrimExchanges counts anew.
type totalDoc struct {
	IntegrationID string `bson:"_id"`
	Entries       int64  `bson:"entries"`
	Bytes         int64  `bson:"bytes"`
}

func (t totalDoc) isBeyond(kept integrations.ExchangesKept) bool {
	return kept.Entries > 0 && t.Entries > int64(kept.Entries) || kept.Bytes > 0 && t.Bytes > kept.Bytes
}

// AddExchanges implements integrations.ExchangeStore.
func (l *Log) AddExchanges(ctx context.Context, batches []integrations.ExchangeBatch) error {
	for _, b := range batches {
		if err := l.add(ctx, b); err != nil {
			return failed(ctx, "add exchanges", err)
		}
	}
	return nil
}

func (l *Log) add(ctx context.Context, b integrations.ExchangeBatch) error {
	if len(b.Exchanges) == 0 {
		return nil
	}
	var bytes int64
	docs := make([]any, len(b.Exchanges))
	for n, e := range b.Exchanges {
		d := encodeExchange(b.IntegrationID, e)
		bytes += d.Bytes
		docs[n] = insertion(d)
	}
	total, err := l.count(ctx, b.IntegrationID, int64(len(docs)), bytes)
	if err != nil {
		return err
	}
	if _, err := l.exchanges.InsertMany(ctx, docs); err != nil {
		return err
	}
	return l.trim(ctx, total, b.Kept)
}

// count adds to a total and answers it.
func (l *Log) count(ctx context.Context, integrationID string, entries, bytes int64) (totalDoc, error) {
	var total totalDoc
	more := bson.D{is("$inc", bson.D{is("entries", entries), is("bytes", bytes)})}
	o := options.FindOneAndUpdate().SetUpsert(true).SetReturnDocument(options.After)
	err := l.totals.FindOneAndUpdate(ctx, bson.D{is("_id", integrationID)}, more, o).Decode(&total)
	return total, err
}

// trimBatch is how many exchanges are forgotten at once.
const trimBatch = 500

// trim forgets exchanges from the oldest on, until the others are no more than what is kept.
func (l *Log) trim(ctx context.Context, total totalDoc, kept integrations.ExchangesKept) error {
	batch := trimBatch
	if !total.isBeyond(kept) {
		batch = 1 // the oldest alone may be too old
	}
	for {
		gone, left, err := l.beyond(ctx, total, kept, batch)
		if err != nil || len(gone) == 0 {
			return err
		}
		result, err := l.exchanges.DeleteMany(ctx, bson.D{is("_id", op("$in", gone)), is("integrationId", total.IntegrationID)})
		if err != nil {
			return err
		}
		if int(result.DeletedCount) < len(gone) { // another server forgets them, too, and counts
			return nil
		}
		if total, err = l.count(ctx, total.IntegrationID, left.Entries-total.Entries, left.Bytes-total.Bytes); err != nil || len(gone) < batch {
			return err
		}
		batch = trimBatch
	}
}

// beyond answers the oldest exchanges that go beyond what is kept, and what is left without them.
func (l *Log) beyond(ctx context.Context, total totalDoc, kept integrations.ExchangesKept, batch int) (gone []string, left totalDoc, err error) {
	oldest := options.Find().SetSort(byID).SetLimit(int64(batch)).SetProjection(bson.D{is("at", 1), is("bytes", 1)})
	found, err := readAll[exchangeDoc](ctx, l.exchanges, bson.D{is("integrationId", total.IntegrationID)}, oldest)
	left = total
	for _, d := range found {
		if !left.isBeyond(kept) && (kept.Since.IsZero() || !d.At.Before(kept.Since)) {
			break
		}
		gone = append(gone, d.Key)
		left.Entries--
		left.Bytes -= d.Bytes
	}
	return gone, left, err
}

// TrimExchanges implements integrations.ExchangeStore.
func (l *Log) TrimExchanges(ctx context.Context, integrationID string, kept integrations.ExchangesKept) error {
	total, err := l.recount(ctx, integrationID)
	if err == nil {
		err = l.trim(ctx, total, kept)
	}
	return failed(ctx, "trim exchanges", err)
}

// recount counts the exchanges of an integration. The total becomes what was counted unless somebody
// has changed it meanwhile.
func (l *Log) recount(ctx context.Context, integrationID string) (totalDoc, error) {
	known := totalDoc{IntegrationID: integrationID}
	err := l.totals.FindOne(ctx, bson.D{is("_id", integrationID)}).Decode(&known)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return known, nil
	}
	if err != nil {
		return known, err
	}
	cursor, err := l.exchanges.Aggregate(ctx, bson.A{
		bson.D{is("$match", bson.D{is("integrationId", integrationID)})},
		bson.D{is("$group", bson.D{is("_id", nil), is("entries", op("$sum", 1)), is("bytes", op("$sum", "$bytes"))})},
	})
	if err != nil {
		return known, err
	}
	var counted []struct {
		Entries int64 `bson:"entries"`
		Bytes   int64 `bson:"bytes"`
	}
	if err := cursor.All(ctx, &counted); err != nil {
		return known, err
	}
	total := totalDoc{IntegrationID: integrationID}
	if len(counted) > 0 {
		total.Entries, total.Bytes = counted[0].Entries, counted[0].Bytes
	}
	same := bson.D{is("_id", integrationID), is("entries", known.Entries), is("bytes", known.Bytes)}
	_, err = l.totals.UpdateOne(ctx, same, change(total))
	return total, err
}

// RemoveExchanges implements integrations.ExchangeStore.
func (l *Log) RemoveExchanges(ctx context.Context, integrationID string) error {
	_, err := l.exchanges.DeleteMany(ctx, bson.D{is("integrationId", integrationID)})
	if err == nil {
		_, err = l.totals.DeleteOne(ctx, bson.D{is("_id", integrationID)})
	}
	return failed(ctx, "remove exchanges", err)
}

// Exchanged implements integrations.ExchangeStore.
func (l *Log) Exchanged(ctx context.Context) ([]string, error) {
	found, err := readAll[totalDoc](ctx, l.totals, bson.D{}, options.Find().SetSort(byID).SetLimit(mostRecords))
	return convert(found, func(d totalDoc) string { return d.IntegrationID }), failed(ctx, "read exchanges", err)
}

// Exchanges implements integrations.ExchangeStore.
func (l *Log) Exchanges(ctx context.Context, filter integrations.ExchangeFilter, limit int) ([]integrations.Exchange, error) {
	if limit <= 0 || filter.IntegrationIDs != nil && len(filter.IntegrationIDs) == 0 {
		return nil, nil
	}
	latest := options.Find().SetSort(bson.D{is("_id", -1)}).SetLimit(int64(limit)).SetProjection(bson.D{is("detail", 0)})
	found, err := readAll[exchangeDoc](ctx, l.exchanges, exchangeFilter(filter), latest)
	return convert(found, decodeExchange), failed(ctx, "read exchanges", err)
}

func exchangeFilter(f integrations.ExchangeFilter) bson.D {
	filter := bson.D{}
	add := func(path string, value any, given bool) {
		if given {
			filter = append(filter, is(path, value))
		}
	}
	add("integrationId", op("$in", f.IntegrationIDs), f.IntegrationIDs != nil)
	add("deliveryId", f.DeliveryID, f.DeliveryID != "")
	add("_id", op("$lt", f.Before), f.Before != "")
	add("kind", string(f.Kind), f.Kind != "")
	add("outcome", string(f.Outcome), f.Outcome != "")
	at := bson.D{}
	if !f.Since.IsZero() {
		at = append(at, is("$gte", f.Since))
	}
	if !f.Until.IsZero() {
		at = append(at, is("$lt", f.Until))
	}
	add("at", at, len(at) > 0)
	return filter
}

// Exchange implements integrations.ExchangeStore.
func (l *Log) Exchange(ctx context.Context, id string) (integrations.Exchange, error) {
	d, err := readOne[exchangeDoc](ctx, l.exchanges, bson.D{keysOf(id)})
	if err != nil {
		return integrations.Exchange{}, failed(ctx, "read exchange", err)
	}
	return decodeExchange(d), nil
}
