package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/grapnel-chat/grapnel/store"
	"github.com/grapnel-chat/grapnel/store/mongo"
	"github.com/grapnel-chat/grapnel/workspace"
)

// errProblems refuses to adopt what would not be served well.
var errProblems = errors.New("the database cannot be adopted as it is; nothing was written")

// inspectCommand shows what a database holds.
type inspectCommand struct {
	MongoURL string `name:"mongo-url" env:"MONGO_URL" required:"" help:"Address of the MongoDB with the database's name: mongodb://host:27017/rocketchat."`
}

// Run looks and writes nothing.
func (i *inspectCommand) Run() error {
	if err := (dataSettings{MongoURL: i.MongoURL}).Validate(); err != nil {
		return err
	}
	ctx, stop := untilTold()
	defer stop()
	found, err := look(ctx, i.MongoURL)
	if err != nil {
		return err
	}
	if err := printSurvey(os.Stdout, found); err != nil {
		return err
	}
	if len(found.Problems) > 0 {
		return errProblems
	}
	return nil
}

func look(ctx context.Context, address string) (mongo.Survey, error) {
	seed, err := workspace.Adoption()
	if err != nil {
		return mongo.Survey{}, err
	}
	found, err := mongo.Look(ctx, address, seed)
	if err != nil {
		return found, fmt.Errorf("MONGO_URL %s: %w", mongo.Place(address), err)
	}
	return found, nil
}

// openAdopting opens the store, and makes a Rocket.Chat's database ours where that was asked for.
func (s *serveCommand) openAdopting(ctx context.Context) (store.Store, error) {
	if s.Adopt {
		if err := s.adopt(ctx); err != nil {
			return nil, err
		}
	}
	kept, err := s.open(ctx)
	if errors.Is(err, mongo.ErrForeign) || errors.Is(err, mongo.ErrChanged) {
		return nil, fmt.Errorf("%w: see what it holds with `grapnel inspect --mongo-url …`, stop Rocket.Chat, and start with --adopt", err)
	}
	return kept, err
}

// adopt tells first what it will write. Where there is nothing to adopt, it says and writes nothing.
func (s *serveCommand) adopt(ctx context.Context) error {
	found, err := look(ctx, s.MongoURL)
	if err != nil || !toAdopt(found) {
		return err
	}
	if err := printSurvey(os.Stdout, found); err != nil {
		return err
	}
	if len(found.Problems) > 0 {
		return errProblems
	}
	seed, err := workspace.Adoption()
	if err != nil {
		return err
	}
	if err := mongo.Adopt(ctx, s.MongoURL, seed); err != nil {
		return fmt.Errorf("MONGO_URL %s: %w", s.place(), err)
	}
	say("Adopted.")
	return nil
}

// toAdopt reports whether a database is a Rocket.Chat's, or was adopted and then served by a
// Rocket.Chat once more.
func toAdopt(v mongo.Survey) bool {
	return v.Owner == mongo.RocketChat || v.Owner == mongo.Ours && len(v.Marked) > 0
}

// printSurvey words a survey.
func printSurvey(out io.Writer, v mongo.Survey) error {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	switch v.Owner {
	case mongo.Nobody:
		line("%s is empty: `grapnel serve` makes a new workspace in it.", v.Place)
	case mongo.Ours:
		line("%s is Grapnel's.", v.Place)
		if toAdopt(v) {
			line("A Rocket.Chat has served it since: what that has added or renamed has to be adopted.")
		}
	default:
		line("%s is a Rocket.Chat's that Grapnel has not adopted.", v.Place)
	}
	if v.Owner != mongo.Nobody {
		line("")
		line("It holds")
		line("  %d users, %d of them administrators, %d with a password", v.Users, v.Admins, v.Passwords)
		line("  %d logins and %d personal access tokens, which stay good", v.Logins, v.PersonalTokens)
		line("  %d rooms and about %d messages", v.Rooms, v.Messages)
		line("  %d incoming and %d outgoing integrations, %d of them enabled", v.Incoming, v.Outgoing, v.Enabled)
		line("  about %d records of Rocket.Chat's own history, which is never written", v.History)
	}
	if toAdopt(v) {
		printPlan(line, v)
	}
	if len(v.Problems) > 0 {
		line("")
		line("In the way of adopting it:")
		for _, problem := range v.Problems {
			line("  %s", problem)
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// printPlan words what adopting would write.
func printPlan(line func(format string, args ...any), v mongo.Survey) {
	line("")
	line("Rocket.Chat must be stopped before Grapnel serves this database: while both run, each fires every")
	line("outgoing integration, and Grapnel does not see what Rocket.Chat changes.")
	if v.Instances > 0 {
		line("%d of its servers have signed in, with a last sign of life at %s.", v.Instances, v.LastSign.Format(time.RFC3339))
	}
	line("")
	line("`grapnel serve --adopt` writes the following. No user, role, room, integration, permission or setting that")
	line("exists is changed but for a member named grapnel, which Rocket.Chat does not read.")
	for _, collection := range slices.Sorted(maps.Keys(v.Marked)) {
		line("  %s: the member grapnel of %d documents", collection, v.Marked[collection])
	}
	for _, collection := range slices.Sorted(maps.Keys(v.Added)) {
		line("  %s: new documents %s", collection, strings.Join(v.Added[collection], ", "))
	}
	for _, index := range v.Indexes {
		line("  index %s", index)
	}
	line("  grapnel_facts: the mark that it is adopted; other collections named grapnel_… as it is used")
	if v.Admins == 0 {
		line("")
		line("No user has the role admin: nobody will be able to administer the workspace.")
	}
}
