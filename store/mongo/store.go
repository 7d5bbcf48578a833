package mongo

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/workspace"
)

// The collections: Rocket.Chat's and ours.
const (
	usersName         = "users"
	roomsName         = "rocketchat_room"
	subscriptionsName = "rocketchat_subscription"
	messagesName      = "rocketchat_message"
	uploadsName       = "rocketchat_uploads"
	contentsName      = "rocketchat_uploads.files"
	chunksName        = "rocketchat_uploads.chunks"
	integrationsName  = "rocketchat_integrations"
	permissionsName   = "rocketchat_permissions"
	rolesName         = "rocketchat_roles"
	settingsName      = "rocketchat_settings"

	factsName        = "grapnel_facts"
	deliveriesName   = "grapnel_deliveries"
	outagesName      = "grapnel_outages"
	lastErrorsName   = "grapnel_last_errors"
	optionsName      = "grapnel_options"
	scriptValuesName = "grapnel_script_values"
	unfinishedName   = "grapnel_unfinished"
)

const (
	// addedEvery is how often Added signals, as other servers add deliveries to the same database.
	addedEvery = time.Second
	// settleEvery is how often a server looks for what others have left unfinished. A write that takes
	// longer than that from its first step to its last is taken for one that a crash broke off, and
	// repairs itself where it goes on after all.
	settleEvery = 30 * time.Second
	closeLimit  = 10 * time.Second
)

// Store is everything that the servers keep, in one database that they share.
type Store struct {
	client *mongo.Client
	db     *mongo.Database
	order  order
	settle settler
	added  chan struct{}
	filled filledLanes

	stop    context.CancelFunc
	stopped sync.WaitGroup
	closing func() error
}

// Open connects to the database that the address names, and makes the indexes that are missing. It
// answers workspace.ErrUnavailable where no server can be reached, ErrForeign where the database is a
// Rocket.Chat's that was not adopted, ErrChanged where a Rocket.Chat has served an adopted one since,
// and a *DuplicatesError where documents stand in the way of an index.
func Open(ctx context.Context, address string) (*Store, error) {
	return open(ctx, address, func(*options.ClientOptions) {})
}

// open is Open with more options.
func open(ctx context.Context, address string, more func(*options.ClientOptions)) (*Store, error) {
	s, err := connect(ctx, address, more)
	if err != nil {
		return nil, err
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.stopped.Go(func() { s.signalling(running) })
	s.stopped.Go(func() { s.settling(running) })
	return s, nil
}

// connect makes a store that has written nothing yet.
func connect(ctx context.Context, address string, more func(*options.ClientOptions)) (*Store, error) {
	name, err := databaseName(address)
	if err != nil {
		return nil, err
	}
	o, err := clientOptions(address)
	if err != nil {
		return nil, err
	}
	more(o)
	client, err := mongo.Connect(o)
	if err != nil {
		return nil, fmt.Errorf("connect to MongoDB: %w", err)
	}
	s := &Store{client: client, db: client.Database(name), added: make(chan struct{}, 1)}
	s.closing = sync.OnceValue(s.close)
	s.stop = func() {}
	if err := s.Ping(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// prepare makes what a server needs before it serves.
func (s *Store) prepare(ctx context.Context) error {
	owner, err := s.owner(ctx)
	if err != nil {
		return err
	}
	switch owner {
	case RocketChat:
		return ErrForeign
	case Nobody:
		if err := s.addMissing(ctx, factsName, bson.D{is("_id", ownFact)}); err != nil {
			return failed(ctx, "mark the database", err)
		}
	default:
	}
	if err := s.makeIndexes(ctx, indexes); err != nil {
		return err
	}
	return s.refuseUnmarked(ctx)
}

// Ping answers nil while the database can be read and written.
func (s *Store) Ping(ctx context.Context) error {
	return failed(ctx, "reach MongoDB", s.client.Ping(ctx, nil))
}

// Close lets go of the database. Whatever comes later is refused with ErrClosed; closing once more
// changes nothing.
func (s *Store) Close() error { return s.closing() }

func (s *Store) close() error {
	s.stop()
	s.stopped.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), closeLimit)
	defer cancel()
	return s.client.Disconnect(ctx)
}

func (s *Store) in(collection string) *mongo.Collection { return s.db.Collection(collection) }

// The ports that a Store fills.
var (
	_ workspace.Store    = (*Store)(nil)
	_ integrations.Store = (*Store)(nil)
	_ integrations.Queue = (*Store)(nil)
	_ permissions.Store  = (*Store)(nil)
)
