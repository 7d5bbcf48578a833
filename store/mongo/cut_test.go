package mongo

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/event"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/grapnel-chat/grapnel/store/storetest"
)

// TestCuts has each write lose the database after each of the commands by which it writes, and another
// server settle what it finds.
func TestCuts(t *testing.T) {
	storetest.RunCuts(t, func(t *testing.T) storetest.Cutting {
		address, line := newDatabase(t), &line{}
		s := openAt(t, address, line.set)
		return storetest.Cutting{
			Store: s, CutAfter: line.cutAfter,
			Again: func() (storetest.Store, bool) {
				other := openAt(t, address, plain)
				for range 2 {
					if err := other.settleOnce(t.Context()); err != nil {
						t.Error(err)
					}
				}
				wantSettled(t, other)
				return other, line.isCut()
			},
		}
	})
}

// wantSettled checks that nothing is left to settle.
func wantSettled(t *testing.T, s *Store) {
	t.Helper()
	if left := all(t, s, unfinishedName); len(left) > 0 {
		t.Errorf("unfinished after settling: %v", left)
	}
	leads, err := s.unfinishedLeads(t.Context())
	if err != nil || len(leads) > 0 {
		t.Errorf("arriving after settling: %v, %v", leads, err)
	}
}

// line is the connection of a store, which can be cut for good.
type line struct {
	mu    sync.Mutex
	conns []net.Conn
	left  int
	armed bool
	cut   bool
}

var errCut = errors.New("the line is cut")

// set makes a store use the line.
func (l *line) set(o *options.ClientOptions) {
	o.SetDialer(l).SetServerSelectionTimeout(50 * time.Millisecond).SetMonitor(&event.CommandMonitor{
		Succeeded: func(_ context.Context, e *event.CommandSucceededEvent) {
			switch e.CommandName {
			case "insert", "update", "delete", "findAndModify":
				l.written()
			}
		},
	})
}

func (l *line) cutAfter(writes int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.armed, l.left = true, writes
	l.cutAtEnd()
}

func (l *line) written() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.armed {
		l.left--
		l.cutAtEnd()
	}
}

func (l *line) cutAtEnd() {
	if l.left > 0 {
		return
	}
	l.cut = true
	for _, c := range l.conns {
		_ = c.Close()
	}
}

func (l *line) isCut() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cut
}

// DialContext implements options.Dialer.
func (l *line) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if l.isCut() {
		return nil, errCut
	}
	c, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err == nil {
		l.mu.Lock()
		l.conns = append(l.conns, c)
		l.mu.Unlock()
	}
	return c, err
}
