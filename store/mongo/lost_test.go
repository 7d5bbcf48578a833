package mongo

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/store/storetest"
	"github.com/grapnel-chat/grapnel/workspace"
)

// TestLost takes the database away and gives it back.
func TestLost(t *testing.T) {
	var l line
	s := openAt(t, newDatabase(t), func(o *options.ClientOptions) { o.SetDialer(&l).SetServerSelectionTimeout(3 * time.Second) })
	ctx := t.Context()
	if err := s.AddMessages(ctx, storetest.Messages(1, 1, "room1"), nil); err != nil {
		t.Fatal(err)
	}
	l.lose()
	var calls sync.WaitGroup
	for name, call := range map[string]func() error{
		"Ping":    func() error { return s.Ping(ctx) },
		"Message": func() error { _, err := s.Message(ctx, "message1"); return err },
		"AddMessages": func() error {
			return s.AddMessages(ctx, storetest.Messages(2, 2, "room1"), storetest.Effects(1, 1, "a"))
		},
		"Messages": func() error {
			_, _, err := s.Messages(ctx, workspace.MessageFilter{RoomID: "room1"}, workspace.Page{})
			return err
		},
		"Claim": func() error {
			_, err := s.Claim(ctx, integrations.Claim{Now: storetest.At(9), Lease: time.Minute, Limit: 5})
			return err
		},
		"Record": func() error {
			_, err := s.Record(ctx, []integrations.Record{{ID: "delivery1", State: integrations.Done}})
			return err
		},
	} {
		calls.Go(func() {
			if err := call(); !errors.Is(err, workspace.ErrUnavailable) {
				t.Errorf("%s without a database: %v, want %v", name, err, workspace.ErrUnavailable)
			}
		})
	}
	calls.Wait()
	l.mend()
	patience, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for s.Ping(patience) != nil {
		if patience.Err() != nil {
			t.Fatal("the database is back, and the store does not see it")
		}
	}
	if _, err := s.Message(ctx, "message1"); err != nil {
		t.Error(err)
	}
	if err := s.AddMessages(ctx, storetest.Messages(2, 2, "room1"), storetest.Effects(1, 1, "a")); err != nil {
		t.Error(err)
	}
}

// line is how a store reaches the server.
type line struct {
	mu    sync.Mutex
	conns []net.Conn
	lost  bool
}

var errLost = errors.New("the line is cut")

// lose closes all connections and lets none through.
func (l *line) lose() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lost = true
	for _, c := range l.conns {
		_ = c.Close()
	}
	l.conns = nil
}

// mend lets connections through again.
func (l *line) mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lost = false
}

// DialContext implements options.Dialer.
func (l *line) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lost {
		return nil, errors.Join(errLost, c.Close())
	}
	l.conns = append(l.conns, c)
	return c, nil
}
