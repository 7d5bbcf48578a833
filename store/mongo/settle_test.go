package mongo

import (
	"errors"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/store/storetest"
	"github.com/grapnel-chat/grapnel/workspace"
)

// settleTwice is what another server does about what it finds unfinished.
func settleTwice(t *testing.T, s *Store) {
	t.Helper()
	for range 2 {
		if err := s.settleOnce(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSlowWriter has another server drop what follows a message that takes long to come.
func TestSlowWriter(t *testing.T) {
	address := newDatabase(t)
	s, other := openAt(t, address, plain), openAt(t, address, plain)
	effects := append(storetest.Effects(1, 1, "a"), storetest.Ordered(2, 2, "a")...)
	l := newLead(messagesName, "message1")
	file, err := s.AddFile(t.Context(), storetest.File(1, "room1"), strings.NewReader("content"))
	if err != nil {
		t.Fatal(err)
	}
	f := follower{
		rows: s.newRows(effects), parts: subscriptionParts([]workspace.Subscription{storetest.Subscription("room1", "user1")}, surroundings{}),
		files: []workspace.FileRef{file.Ref()}, shownBy: map[string]string{file.ID: "message1"},
	}
	err = s.together(t.Context(), l, f, func() error {
		settleTwice(t, other)
		if n, err := s.count(t.Context(), deliveriesName, bson.D{is("state", arriving)}); n != 0 || err != nil {
			t.Errorf("%d deliveries are arriving after settling (%v), want none", n, err)
		}
		_, err := s.in(messagesName).InsertOne(t.Context(), insertion(encodeMessage(storetest.Message(1, "room1")), l.marked()...))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Subscription(t.Context(), "room1", "user1"); err != nil {
		t.Errorf("Subscription: %v", err)
	}
	if kept, err := s.File(t.Context(), file.ID); kept.MessageID != "message1" || err != nil {
		t.Errorf("File = %+v, %v", kept, err)
	}
	for _, id := range []string{"delivery1", "delivery2"} {
		if _, err := s.Row(t.Context(), id); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
	wantSettled(t, s)
}

// TestSettlingLeavesWhatIsUnderWay has a server look once in the middle of a write.
func TestSettlingLeavesWhatIsUnderWay(t *testing.T) {
	address := newDatabase(t)
	s, other := openAt(t, address, plain), openAt(t, address, plain)
	l := newLead(messagesName, "message1")
	if err := s.stage(t.Context(), l, follower{rows: s.newRows(storetest.Effects(1, 2, "a"))}); err != nil {
		t.Fatal(err)
	}
	count := func() int {
		n, err := s.count(t.Context(), deliveriesName, bson.D{is("state", arriving)})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if err := other.settleOnce(t.Context()); err != nil || count() != 2 {
		t.Errorf("after it was seen once, %d deliveries are arriving (%v), want 2", count(), err)
	}
	if err := other.settleOnce(t.Context()); err != nil || count() != 0 {
		t.Errorf("after it was seen twice, %d deliveries are arriving (%v), want none", count(), err)
	}
	if _, err := s.Row(t.Context(), "delivery1"); !errors.Is(err, workspace.ErrNotFound) {
		t.Errorf("Row = %v, want %v", err, workspace.ErrNotFound)
	}
}

// TestArrivingIsUnseen holds that nobody meets deliveries whose message is not there yet.
func TestArrivingIsUnseen(t *testing.T) {
	s := openAt(t, newDatabase(t), plain)
	l := newLead(messagesName, "message1")
	rows := s.newRows(append(storetest.Effects(1, 2, "a"), storetest.Ordered(3, 3, "a")...))
	if err := s.stage(t.Context(), l, follower{rows: rows}); err != nil {
		t.Fatal(err)
	}
	claimed, err := s.Claim(t.Context(), claimAt(9, ""))
	parked, laneErr := s.Claim(t.Context(), claimAt(9, "ordered lane of a"))
	list, total, listErr := s.Rows(t.Context(), "a", workspace.Page{})
	backlog, countErr := s.Backlog(t.Context(), "a")
	next, nextErr := s.NextDue(t.Context())
	if err := errors.Join(err, laneErr, listErr, countErr, nextErr); err != nil {
		t.Fatal(err)
	}
	if len(claimed)+len(parked)+len(list)+total+backlog > 0 || !next.IsZero() {
		t.Errorf("claimed %v and %v, listed %v (%d), backlog %d, next due %v", claimed, parked, list, total, backlog, next)
	}
}

func claimAt(second int, lane string) integrations.Claim {
	return integrations.Claim{Now: storetest.At(second), Lease: time.Minute, Limit: 9, Lane: lane}
}
