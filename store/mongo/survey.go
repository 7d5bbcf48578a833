package mongo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/workspace"
)

// Survey is what a database holds, and what adopting it would write.
type Survey struct {
	Owner Owner
	Place string // as people may see it

	Users, Admins, Passwords, Logins, PersonalTokens int
	Rooms, Messages, History                         int
	Incoming, Outgoing, Enabled                      int // integrations; enabled are of both kinds

	Instances int       // of Rocket.Chat that have signed in and not out
	LastSign  time.Time // of life of the latest of them

	// What adopting would write: members named grapnel to so many documents of a collection, whole
	// documents to others, by their ids, and indexes, by their collection and name.
	Marked  map[string]int
	Added   map[string][]string
	Indexes []string

	// Problems keep the database from being adopted.
	Problems []string
}

// Look looks at the database that an address names, and writes nothing. What adopting it would add
// depends on the seed.
func Look(ctx context.Context, address string, seed workspace.Seed) (Survey, error) {
	s, err := connect(ctx, address, unhurried)
	if err != nil {
		return Survey{}, err
	}
	found, err := s.look(ctx, seed)
	found.Place = Place(address)
	if closing := s.Close(); err == nil {
		err = closing
	}
	return found, err
}

// unhurried lets a single look at a large collection take its time.
func unhurried(o *options.ClientOptions) { o.SetTimeout(time.Hour) }

func (s *Store) look(ctx context.Context, seed workspace.Seed) (Survey, error) {
	v := Survey{Marked: map[string]int{}, Added: map[string][]string{}}
	var err error
	if v.Owner, err = s.owner(ctx); err != nil {
		return v, err
	}
	steps := []func(context.Context, *Survey) error{
		s.lookAtUsers, s.lookAtRooms, s.lookAtIntegrations, s.lookForInstances, s.countRest, s.lookForIndexes,
		func(ctx context.Context, v *Survey) error { return s.lookForMissing(ctx, v, seed) },
	}
	for _, step := range steps {
		if err := step(ctx, &v); err != nil {
			return v, failed(ctx, "look at the database", err)
		}
	}
	return v, nil
}

func (v *Survey) problem(format string, args ...any) {
	v.Problems = append(v.Problems, fmt.Sprintf(format, args...))
}

// hasSeq reports whether a document has its place in our order, which is written with all else of ours.
func hasSeq(doc bson.Raw) bool {
	_, err := doc.LookupErr("grapnel", "seq")
	return err == nil
}

// scan gives every document of a collection to see.
func (s *Store) scan(ctx context.Context, collection string, see func(doc bson.Raw) error, leaveOut ...string) error {
	projection := bson.D{}
	for _, path := range leaveOut {
		projection = append(projection, is(path, 0))
	}
	cursor, err := s.in(collection).Find(ctx, bson.D{}, options.Find().SetHint(byID).SetProjection(projection))
	if err != nil {
		return err
	}
	defer func() { _ = cursor.Close(ctx) }() // the error is that of cursor.Err
	for cursor.Next(ctx) {
		if err := see(cursor.Current); err != nil {
			return err
		}
	}
	return cursor.Err()
}

func (s *Store) lookAtUsers(ctx context.Context, v *Survey) error {
	names, addresses := map[string]string{}, map[string]string{}
	unique := func(what string, taken map[string]string, value, id string) {
		if value == "" {
			return
		}
		if other, known := taken[value]; known {
			v.problem("users %s and %s have the same %s but for its case: change one of them", other, id, what)
		}
		taken[value] = id
	}
	return s.scan(ctx, usersName, func(doc bson.Raw) error {
		var d userDoc
		var tokens tokensDoc
		if !v.read(usersName, doc, &d) || !v.read(usersName, doc, &tokens) {
			return nil
		}
		u := decodeUser(d)
		v.Users++
		if slices.Contains(u.Roles, workspace.RoleAdmin) {
			v.Admins++
		}
		if len(u.PasswordHash) > 0 {
			v.Passwords++
		}
		for _, t := range tokens.Services.Resume.Tokens {
			if t.Type == personalToken {
				v.PersonalTokens++
			} else {
				v.Logins++
			}
		}
		unique("username", names, fold(u.Username), u.ID)
		unique("e-mail address", addresses, fold(u.Email), u.ID)
		if set, unset := foldedIn(d); !isMarked(doc, set, unset) {
			v.Marked[usersName]++
		}
		return nil
	})
}

// read reads a document into a shape, and says so where it cannot be.
func (v *Survey) read(collection string, doc bson.Raw, into any) bool {
	err := bson.Unmarshal(doc, into)
	if err != nil {
		v.problem("%s: the document %s cannot be read: %v", collection, idText(doc.Lookup("_id")), err)
	}
	return err == nil
}

func (s *Store) lookAtRooms(ctx context.Context, v *Survey) error {
	return s.scan(ctx, roomsName, func(doc bson.Raw) error {
		if !v.read(roomsName, doc, &roomDoc{}) {
			return nil
		}
		v.Rooms++
		if !hasSeq(doc) {
			v.Marked[roomsName]++
		}
		return nil
	})
}

func (s *Store) lookAtIntegrations(ctx context.Context, v *Survey) error {
	return s.scan(ctx, integrationsName, func(doc bson.Raw) error {
		var d integrationDoc
		if !v.read(integrationsName, doc, &d) {
			return nil
		}
		switch integrations.Kind(d.Kind) {
		case integrations.Incoming:
			v.Incoming++
		case integrations.Outgoing:
			v.Outgoing++
		default:
			v.problem("%s: the document %s is of the type %q, which is neither incoming nor outgoing", integrationsName, d.ID, d.Kind)
		}
		if d.Enabled {
			v.Enabled++
		}
		if !hasSeq(doc) {
			v.Marked[integrationsName]++
		}
		return nil
	})
}

// instancesName is the collection in which running servers of Rocket.Chat sign in.
const instancesName = "instances"

func (s *Store) lookForInstances(ctx context.Context, v *Survey) error {
	return s.scan(ctx, instancesName, func(doc bson.Raw) error {
		if name, _ := doc.Lookup("name").StringValueOK(); name != "rocket.chat" {
			return nil
		}
		v.Instances++
		if at, ok := doc.Lookup("_updatedAt").TimeOK(); ok && at.After(v.LastSign) {
			v.LastSign = at.UTC()
		}
		return nil
	})
}

// historyName is the collection of Rocket.Chat's own history, which nobody writes any more.
const historyName = "rocketchat_integration_history"

func (s *Store) countRest(ctx context.Context, v *Survey) error {
	for collection, into := range map[string]*int{messagesName: &v.Messages, historyName: &v.History} {
		n, err := s.in(collection).EstimatedDocumentCount(ctx)
		if err != nil {
			return err
		}
		*into = int(n)
	}
	return nil
}

// lookForIndexes lists the indexes that are missing.
func (s *Store) lookForIndexes(ctx context.Context, v *Survey) error {
	known := map[string]map[string]bool{}
	for _, x := range indexes {
		if known[x.collection] == nil {
			names, err := s.indexNames(ctx, x.collection)
			if err != nil {
				return err
			}
			known[x.collection] = names
		}
		if !known[x.collection][x.name()] {
			v.Indexes = append(v.Indexes, x.collection+" "+x.name())
		}
	}
	return nil
}

// namespaceNotFound is the number by which a server says that there is no such collection.
const namespaceNotFound = 26

func (s *Store) indexNames(ctx context.Context, collection string) (map[string]bool, error) {
	names := map[string]bool{}
	specs, err := s.in(collection).Indexes().ListSpecifications(ctx)
	if hasCode(err, []int{namespaceNotFound}) {
		return names, nil
	}
	for _, spec := range specs {
		names[spec.Name] = true
	}
	return names, err
}

// lookForMissing lists the documents of the seed that are not there.
func (s *Store) lookForMissing(ctx context.Context, v *Survey, seed workspace.Seed) error {
	for _, p := range s.adopted(seed) {
		there, err := s.has(ctx, p.In, bson.D{p.Doc[0]})
		if err != nil {
			return err
		}
		if id, ok := p.Doc[0].Value.(string); ok && !there {
			v.Added[p.In] = append(v.Added[p.In], id)
		}
	}
	for _, ids := range v.Added {
		slices.Sort(ids)
	}
	return nil
}
