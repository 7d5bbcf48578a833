package storetest

import (
	"sync"
	"testing"

	"github.com/grapnel-chat/grapnel/workspace"
)

var messageTests = []test{
	{"round trip", func(t *testing.T, s Store) {
		for _, m := range []workspace.Message{Message(1, "room1"), BareMessage(2, "room1")} {
			must(t, s.AddMessages(t.Context(), []workspace.Message{m}, nil))
			got, err := s.Message(t.Context(), m.ID)
			wantSame(t, "Message", got, err, m)
		}
	}},
	{"not found", func(t *testing.T, s Store) {
		wantNoMessages(t, s, "message1")
		wantError(t, "RemoveMessage", s.RemoveMessage(t.Context(), "message1"), workspace.ErrNotFound)
	}},
	{"conflict", func(t *testing.T, s Store) {
		must(t, s.AddMessages(t.Context(), Messages(1, 1, "room1"), nil))
		other := BareMessage(1, "room2")
		wantError(t, "AddMessages", s.AddMessages(t.Context(), []workspace.Message{other}, Effects(1, 1, "a")), workspace.ErrConflict)
		got, err := s.Message(t.Context(), "message1")
		wantSame(t, "Message", got, err, Message(1, "room1"))
		wantNoRows(t, s, "delivery1")
	}},
	{"effects come with it", func(t *testing.T, s Store) {
		must(t, s.AddMessages(t.Context(), Messages(1, 1, "room1"), Effects(1, 2, "a")))
		wantRows(t, s, planned(1, "a"), planned(2, "a"))
	}},
	{"an effect that exists refuses all of it", func(t *testing.T, s Store) {
		must(t, s.AddEffects(t.Context(), Effects(2, 2, "a")))
		wantError(t, "AddMessages", s.AddMessages(t.Context(), Messages(1, 1, "room1"), Effects(1, 2, "b")), workspace.ErrConflict)
		wantNoMessages(t, s, "message1")
		wantNoRows(t, s, "delivery1")
		wantRows(t, s, planned(2, "a"))
	}},
	{"many at once", func(t *testing.T, s Store) {
		must(t, s.AddMessages(t.Context(), Messages(1, 3, "room1"), Effects(1, 2, "a")))
		for _, want := range Messages(1, 3, "room1") {
			got, err := s.Message(t.Context(), want.ID)
			wantSame(t, "Message", got, err, want)
		}
		wantRows(t, s, planned(1, "a"), planned(2, "a"))
	}},
	{"one that exists refuses all of them", func(t *testing.T, s Store) {
		must(t, s.AddMessages(t.Context(), Messages(2, 2, "room1"), nil))
		wantError(t, "AddMessages", s.AddMessages(t.Context(), Messages(1, 3, "room2"), Effects(1, 1, "a")), workspace.ErrConflict)
		wantNoMessages(t, s, "message1", "message3")
		wantNoRows(t, s, "delivery1")
		got, err := s.Message(t.Context(), "message2")
		wantSame(t, "Message", got, err, Message(2, "room1"))
	}},
	{"the same one twice refuses both", func(t *testing.T, s Store) {
		twice := []workspace.Message{Message(1, "room1"), BareMessage(1, "room1")}
		wantError(t, "AddMessages", s.AddMessages(t.Context(), twice, Effects(1, 1, "a")), workspace.ErrConflict)
		wantNoMessages(t, s, "message1")
		wantNoRows(t, s, "delivery1")
	}},
	{"an effect that exists refuses many", func(t *testing.T, s Store) {
		must(t, s.AddEffects(t.Context(), Effects(2, 2, "a")))
		wantError(t, "AddMessages", s.AddMessages(t.Context(), Messages(1, 2, "room1"), Effects(1, 2, "b")), workspace.ErrConflict)
		wantNoMessages(t, s, "message1", "message2")
		wantNoRows(t, s, "delivery1")
	}},
	{"no messages", func(t *testing.T, s Store) {
		must(t, s.AddMessages(t.Context(), nil, nil))
		must(t, s.AddMessages(t.Context(), []workspace.Message{}, []workspace.Effect{}))
		must(t, s.AddMessages(t.Context(), nil, Effects(1, 1, "a")))
		wantRows(t, s, planned(1, "a"))
	}},
	{"save replaces", func(t *testing.T, s Store) {
		must(t, s.AddMessages(t.Context(), Messages(1, 2, "room1"), nil))
		changed := BareMessage(1, "room1")
		changed.Text, changed.EditedAt, changed.EditedBy = "new", At(50), Ref(7)
		must(t, s.SaveMessage(t.Context(), changed, Effects(1, 1, "a")))
		got, err := s.Message(t.Context(), "message1")
		wantSame(t, "Message", got, err, changed)
		wantRows(t, s, planned(1, "a"))
		full := Message(1, "room1")
		must(t, s.SaveMessage(t.Context(), full, nil))
		got, err = s.Message(t.Context(), "message1")
		wantSame(t, "Message", got, err, full)
		got, err = s.Message(t.Context(), "message2")
		wantSame(t, "the other message", got, err, Message(2, "room1"))
	}},
	{"save what is missing", func(t *testing.T, s Store) {
		wantError(t, "SaveMessage", s.SaveMessage(t.Context(), Message(1, "room1"), Effects(1, 1, "a")), workspace.ErrNotFound)
		wantNoRows(t, s, "delivery1")
		wantNoMessages(t, s, "message1")
	}},
	{"save with an effect that exists", func(t *testing.T, s Store) {
		must(t, s.AddMessages(t.Context(), Messages(1, 1, "room1"), Effects(1, 1, "a")))
		wantError(t, "SaveMessage", s.SaveMessage(t.Context(), BareMessage(1, "room1"), Effects(1, 1, "a")), workspace.ErrConflict)
		got, err := s.Message(t.Context(), "message1")
		wantSame(t, "Message", got, err, Message(1, "room1"))
	}},
	{"remove", func(t *testing.T, s Store) {
		must(t, s.AddMessages(t.Context(), Messages(1, 1, "room1"), Effects(1, 1, "a")))
		must(t, s.AddMessages(t.Context(), Messages(2, 2, "room1"), nil))
		must(t, s.RemoveMessage(t.Context(), "message1"))
		wantNoMessages(t, s, "message1")
		wantPage(t, "Messages", func() ([]workspace.Message, int, error) {
			return s.Messages(t.Context(), workspace.MessageFilter{RoomID: "room1"}, workspace.Page{})
		}, messageID, []string{"message2"}, 1)
		wantRows(t, s, planned(1, "a"))
	}},
	{"list", testMessageList},
	{"list answers whole messages", func(t *testing.T, s Store) {
		must(t, s.AddMessages(t.Context(), Messages(1, 1, "room1"), nil))
		must(t, s.AddMessages(t.Context(), []workspace.Message{BareMessage(2, "room1")}, nil))
		got, _, err := s.Messages(t.Context(), workspace.MessageFilter{RoomID: "room1"}, workspace.Page{})
		wantSame(t, "Messages", got, err, []workspace.Message{BareMessage(2, "room1"), Message(1, "room1")})
	}},
	{"list of a thread", func(t *testing.T, s Store) {
		for n, thread := range []string{"message9", "message8", "", "message9", "message9"} {
			m := BareMessage(n+1, "room1")
			m.ThreadID = thread
			must(t, s.AddMessages(t.Context(), []workspace.Message{m}, nil))
		}
		moved := BareMessage(5, "room1")
		must(t, s.SaveMessage(t.Context(), moved, nil))
		wantPage(t, "Messages", func() ([]workspace.Message, int, error) {
			return s.Messages(t.Context(), workspace.MessageFilter{ThreadID: "message9"}, workspace.Page{Sort: ascending("ts")})
		}, messageID, []string{"message1", "message4"}, 2)
	}},
	{"list between times", func(t *testing.T, s Store) {
		must(t, s.AddMessages(t.Context(), Messages(1, 5, "room1"), nil))
		must(t, s.AddMessages(t.Context(), Messages(9, 9, "room2"), nil))
		for _, tt := range []struct {
			name   string
			filter workspace.MessageFilter
			want   []string
		}{
			{"after", workspace.MessageFilter{After: At(3)}, []string{"message5", "message4"}},
			{"before", workspace.MessageFilter{Before: At(3)}, []string{"message2", "message1"}},
			{"between", workspace.MessageFilter{After: At(1), Before: At(4)}, []string{"message3", "message2"}},
			{"between, with the bounds", workspace.MessageFilter{After: At(1), Before: At(4), Bounds: true}, []string{"message4", "message3", "message2", "message1"}},
		} {
			tt.filter.RoomID = "room1"
			wantPage(t, tt.name, func() ([]workspace.Message, int, error) {
				return s.Messages(t.Context(), tt.filter, workspace.Page{})
			}, messageID, tt.want, len(tt.want))
		}
	}},
	{"many writers", testManyWriters},
}

func wantNoMessages(t *testing.T, s Store, ids ...string) {
	t.Helper()
	for _, id := range ids {
		_, err := s.Message(t.Context(), id)
		wantError(t, "Message "+id, err, workspace.ErrNotFound)
	}
}

func messageID(m workspace.Message) string { return m.ID }

func testMessageList(t *testing.T, s Store) {
	for n, at := range []int{10, 30, 20, 20, 20} {
		m := BareMessage(n+1, "room1")
		m.At, m.UpdatedAt, m.Text = At(at), At(100-at), ID("text", 9-n)
		must(t, s.AddMessages(t.Context(), []workspace.Message{m}, nil))
	}
	must(t, s.AddMessages(t.Context(), []workspace.Message{BareMessage(6, "room2")}, nil))
	newest := []string{"message2", "message5", "message4", "message3", "message1"}
	tests := []struct {
		name string
		page workspace.Page
		want []string
	}{
		{"newest first", workspace.Page{}, newest},
		{"unknown field", workspace.Page{Sort: ascending("shoeSize")}, newest},
		{"by time, down", workspace.Page{Sort: descending("ts")}, newest},
		{"by time", workspace.Page{Sort: ascending("ts")}, []string{"message1", "message3", "message4", "message5", "message2"}},
		{"by change", workspace.Page{Sort: ascending("_updatedAt")}, []string{"message2", "message3", "message4", "message5", "message1"}},
		{"by text", workspace.Page{Sort: ascending("msg")}, []string{"message5", "message4", "message3", "message2", "message1"}},
		{"by id", workspace.Page{Sort: ascending("_id")}, []string{"message1", "message2", "message3", "message4", "message5"}},
		{"by change and id", workspace.Page{Sort: append(ascending("_updatedAt"), descending("_id")...)}, []string{"message2", "message5", "message4", "message3", "message1"}},
		{"first page", workspace.Page{Count: 2}, newest[:2]},
		{"next page", workspace.Page{Offset: 2, Count: 2}, newest[2:4]},
		{"last page", workspace.Page{Offset: 4, Count: 2}, newest[4:]},
		{"the rest", workspace.Page{Offset: 1}, newest[1:]},
		{"after the end", workspace.Page{Offset: 5, Count: 2}, nil},
	}
	for _, tt := range tests {
		wantPage(t, tt.name, func() ([]workspace.Message, int, error) {
			return s.Messages(t.Context(), workspace.MessageFilter{RoomID: "room1"}, tt.page)
		}, messageID, tt.want, 5)
	}
	wantPage(t, "unknown room", func() ([]workspace.Message, int, error) {
		return s.Messages(t.Context(), workspace.MessageFilter{RoomID: "room9"}, workspace.Page{Count: 2})
	}, messageID, nil, 0)
}

// testManyWriters adds messages from many sides at once, some of them twice.
func testManyWriters(t *testing.T, s Store) {
	const writers, each = 16, 20
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for n := w * each; n < (w+1)*each; n++ {
				if err := s.AddMessages(t.Context(), []workspace.Message{BareMessage(n, "room1")}, Effects(n, n, "a")); err != nil {
					t.Errorf("AddMessages %d: %v", n, err)
				}
				if _, err := s.Message(t.Context(), ID("message", n)); err != nil {
					t.Errorf("Message %d right after AddMessages: %v", n, err)
				}
				if n%5 == 0 { // refused after its first half, which must not stay
					err := s.AddMessages(t.Context(), []workspace.Message{BareMessage(-n-1, "room1")}, Effects(n, n, "a"))
					wantError(t, "AddMessages with a known effect", err, workspace.ErrConflict)
				}
			}
		})
	}
	wg.Wait()
	_, total, err := s.Messages(t.Context(), workspace.MessageFilter{RoomID: "room1"}, workspace.Page{Count: 1})
	wantSame(t, "number of messages", total, err, writers*each)
	_, total, err = s.Rows(t.Context(), "a", workspace.Page{Count: 1})
	wantSame(t, "number of deliveries", total, err, writers*each)
}
