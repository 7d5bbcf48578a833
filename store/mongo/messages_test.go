package mongo

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/grapnel-chat/grapnel/store/storetest"
	"github.com/grapnel-chat/grapnel/workspace"
)

// TestLargeMessages stores what takes more space as a value than as text, and refuses what no document
// holds.
func TestLargeMessages(t *testing.T) {
	s := openAt(t, newDatabase(t), plain)
	ctx := t.Context()
	numbers := []byte(`[{"x":[` + strings.Repeat("1,", 1_500_000) + `1]}]`)
	for n, attachments := range [][]byte{numbers, []byte(`[{"n":1.0,"text":"` + strings.Repeat("a", 10<<20) + `"}]`)} {
		m := storetest.Messages(n+1, n+1, "room1")[0]
		m.Attachments = attachments
		if err := s.AddMessages(ctx, []workspace.Message{m}, nil); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Message(ctx, m.ID); err != nil || !bytes.Equal(got.Attachments, attachments) {
			t.Errorf("attachments of %d bytes came back as %d, %v", len(attachments), len(got.Attachments), err)
		}
	}
	m := storetest.Messages(1, 1, "room1")[0]
	m.Custom = []byte(`"` + strings.Repeat("a", mostStored) + `"`)
	refused := &workspace.TooMuchError{}
	if err := s.SaveMessage(ctx, m, nil); !errors.As(err, &refused) {
		t.Errorf("SaveMessage of %d bytes: %v", len(m.Custom), err)
	}
	m.ID = "another"
	if err := s.AddMessages(ctx, []workspace.Message{m}, storetest.Effects(1, 1, "a")); !errors.As(err, &refused) {
		t.Errorf("AddMessages of %d bytes: %v", len(m.Custom), err)
	}
	if n, err := s.count(ctx, deliveriesName, bson.D{is("_id", op("$gt", ""))}); n != 0 || err != nil {
		t.Errorf("%d deliveries of a message that was refused, %v", n, err)
	}
}
