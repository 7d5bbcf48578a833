package mongo

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/grapnel-chat/grapnel/workspace"
)

// The names of facts: that the workspace has been made, what it is made from until then, and its
// secrets.
const (
	seededFact   = "seeded"
	planFact     = "plan"
	secretPrefix = "secret "
)

// planDoc is what a workspace is made from. Whichever server comes first writes it; then all of them
// carry out the same one.
type planDoc struct {
	ID    string `bson:"_id"`
	Parts []part `bson:"parts"`
}

type secretDoc struct {
	ID    string `bson:"_id"`
	Value []byte `bson:"value"`
}

type settingDoc struct {
	ID    string        `bson:"_id"`
	Value bson.RawValue `bson:"value,omitzero"`
	Ours  settingOurs   `bson:"grapnel"`
}

type settingOurs struct {
	Value []byte `bson:"value,omitzero"`
}

func encodeSetting(setting workspace.Setting) settingDoc {
	d := settingDoc{ID: setting.ID}
	d.Value, d.Ours.Value = opaque(setting.Value)
	if d.Value.IsZero() && setting.Value != nil {
		d.Value = bson.RawValue{Type: bson.TypeNull}
	}
	return d
}

// roleDoc is a role as Rocket.Chat keeps it.
type roleDoc struct {
	ID          string    `bson:"_id"`
	Name        string    `bson:"name"`
	Description string    `bson:"description"`
	Scope       string    `bson:"scope"`
	UpdatedAt   time.Time `bson:"_updatedAt"`
	Ours        oursDoc   `bson:"grapnel"`
}

// oursDoc is what Rocket.Chat's members do not hold where that is the order alone.
type oursDoc struct {
	Seq int64 `bson:"seq,omitzero"`
}

func encodeRole(r workspace.Role) roleDoc {
	return roleDoc{ID: r.ID, Name: r.Name, Description: r.Description, Scope: string(r.Scope), UpdatedAt: r.UpdatedAt}
}

// Seeded implements workspace.SeedStore.
func (s *Store) Seeded(ctx context.Context) (bool, error) {
	seeded, err := s.has(ctx, factsName, bson.D{is("_id", seededFact)})
	return seeded, failed(ctx, "read seed mark", err)
}

// Seed implements workspace.SeedStore.
func (s *Store) Seed(ctx context.Context, seed workspace.Seed) error {
	return failed(ctx, "seed", s.seed(ctx, seed))
}

func (s *Store) seed(ctx context.Context, seed workspace.Seed) error {
	parts, err := s.plan(ctx, seed)
	if err != nil {
		return err
	}
	if err := s.addMissing(ctx, factsName, insertion(planDoc{ID: planFact, Parts: parts})); err != nil {
		return err
	}
	// Another server may have finished its plan and taken it away before this one wrote its own.
	seeded, err := s.Seeded(ctx)
	if err != nil || seeded {
		return errors.Join(err, s.deleteMany(ctx, factsName, bson.D{is("_id", planFact)}))
	}
	plan, err := readOne[planDoc](ctx, s.in(factsName), bson.D{is("_id", planFact)})
	if errors.Is(err, mongo.ErrNoDocuments) { // another server has finished meanwhile
		return nil
	}
	if err != nil {
		return err
	}
	for _, p := range plan.Parts {
		if err := s.addMissing(ctx, p.In, p.Doc); err != nil {
			return err
		}
	}
	if err := s.addMissing(ctx, factsName, bson.D{is("_id", seededFact)}); err != nil {
		return err
	}
	return s.deleteMany(ctx, factsName, bson.D{is("_id", planFact)})
}

func (s *Store) plan(ctx context.Context, seed workspace.Seed) ([]part, error) {
	var parts []part
	for _, u := range seed.Users {
		parts = append(parts, part{usersName, insertion(encodeUser(u), s.seq(u.CreatedAt))})
	}
	for _, r := range seed.Rooms {
		parts = append(parts, part{roomsName, insertion(encodeRoom(r), s.seq(r.CreatedAt))})
	}
	known, err := s.around(ctx, seed.Subscriptions, seed.Rooms, seed.Users)
	if err != nil {
		return nil, err
	}
	parts = append(parts, subscriptionParts(seed.Subscriptions, known)...)
	return append(parts, s.ruleParts(seed)...), nil
}

// ruleParts are the roles, permissions, settings and secrets.
func (s *Store) ruleParts(seed workspace.Seed) []part {
	var parts []part
	for _, r := range seed.Roles {
		parts = append(parts, part{rolesName, insertion(encodeRole(r), s.seq(r.UpdatedAt))})
	}
	for _, p := range seed.Permissions {
		parts = append(parts, part{permissionsName, insertion(permissionDoc(p))})
	}
	for _, setting := range seed.Settings {
		parts = append(parts, part{settingsName, insertion(encodeSetting(setting))})
	}
	for _, name := range slices.Sorted(maps.Keys(seed.Secrets)) {
		parts = append(parts, part{factsName, insertion(secretDoc{secretPrefix + name, seed.Secrets[name]})})
	}
	return parts
}

// Supplement implements workspace.SeedStore.
func (s *Store) Supplement(ctx context.Context, seed workspace.Seed) error {
	known := map[string]bool{}
	for _, collection := range []string{rolesName, permissionsName, settingsName, factsName} {
		ids, err := s.texts(ctx, collection, "_id", bson.D{is("_id", op("$exists", true))})
		if err != nil {
			return failed(ctx, "supplement", err)
		}
		for _, id := range ids {
			known[collection+"/"+id] = true
		}
	}
	added := false
	for _, p := range s.ruleParts(seed) {
		id, _ := p.Doc[0].Value.(string)
		if known[p.In+"/"+id] {
			continue
		}
		if err := s.addMissing(ctx, p.In, p.Doc); err != nil {
			return failed(ctx, "supplement", err)
		}
		added = true
	}
	if !added {
		return nil
	}
	return failed(ctx, "supplement", s.countChange(ctx))
}

// Secret implements workspace.SeedStore.
func (s *Store) Secret(ctx context.Context, name string) ([]byte, error) {
	d, err := readOne[secretDoc](ctx, s.in(factsName), bson.D{is("_id", secretPrefix+name)})
	return d.Value, failed(ctx, "read secret", err)
}

// Roles implements workspace.SeedStore.
func (s *Store) Roles(ctx context.Context) ([]workspace.Role, error) {
	found, err := readAll[roleDoc](ctx, s.in(rolesName), bson.D{}, options.Find().SetSort(byID).SetLimit(mostRecords))
	slices.SortStableFunc(found, func(a, b roleDoc) int { return cmp.Compare(a.Ours.Seq, b.Ours.Seq) })
	return convert(found, func(d roleDoc) workspace.Role {
		return workspace.Role{ID: d.ID, Name: d.Name, Description: d.Description, Scope: workspace.RoleScope(d.Scope), UpdatedAt: d.UpdatedAt}
	}), failed(ctx, "read roles", err)
}

// Settings implements workspace.SettingStore. Rocket.Chat keeps with each of its thousand settings how
// it is shown.
func (s *Store) Settings(ctx context.Context) ([]workspace.Setting, error) {
	find := options.Find().SetSort(byID).SetLimit(mostRecords).SetProjection(bson.D{is("value", 1), is("grapnel", 1)})
	found, err := readAll[settingDoc](ctx, s.in(settingsName), bson.D{}, find)
	return convert(found, func(d settingDoc) workspace.Setting {
		return workspace.Setting{ID: d.ID, Value: opaqueText(d.Value, d.Ours.Value)}
	}), failed(ctx, "read settings", err)
}

// SaveSetting implements workspace.SettingStore.
func (s *Store) SaveSetting(ctx context.Context, setting workspace.Setting) error {
	update, upsert := change(encodeSetting(setting)), options.UpdateOne().SetUpsert(true)
	err := s.held(ctx, func() error {
		_, err := s.in(settingsName).UpdateOne(ctx, bson.D{is("_id", setting.ID)}, update, upsert)
		return err
	})
	return failed(ctx, "save setting", err)
}
