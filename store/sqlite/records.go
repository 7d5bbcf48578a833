package sqlite

import (
	"errors"
	"slices"
	"sync"

	"github.com/grapnel-chat/grapnel/workspace"
)

// records remembers what every request looks up: who calls, which room, who is in it. That is
// safe because the folder belongs to this process alone, and a write that touches a kind of
// record forgets all of that kind before it is answered.
type records struct {
	users         *memory[workspace.User]
	usernames     *memory[workspace.User]
	sessions      *memory[login]
	rooms         *memory[workspace.Room]
	roomNames     *memory[workspace.Room]
	subscriptions *memory[workspace.Subscription]
}

// login is a session and its user.
type login struct {
	session workspace.Session
	user    workspace.User
}

func newRecords() records {
	return records{
		users:         newMemory(copyUser),
		usernames:     newMemory(copyUser),
		sessions:      newMemory(func(l login) login { return login{l.session, copyUser(l.user)} }),
		rooms:         newMemory(copyRoom),
		roomNames:     newMemory(copyRoom),
		subscriptions: newMemory(copySubscription),
	}
}

func (r *records) forgetUsers() {
	r.users.forget()
	r.usernames.forget()
	r.sessions.forget()
}

func (r *records) forgetRooms() {
	r.rooms.forget()
	r.roomNames.forget()
}

// Callers own what they get: no slice is shared.

func copyUser(u workspace.User) workspace.User {
	u.Roles, u.PasswordHash, u.CustomFields = slices.Clone(u.Roles), slices.Clone(u.PasswordHash), slices.Clone(u.CustomFields)
	return u
}

func copyRoom(r workspace.Room) workspace.Room {
	r.Members, r.Muted, r.CustomFields = slices.Clone(r.Members), slices.Clone(r.Muted), slices.Clone(r.CustomFields)
	return r
}

func copySubscription(s workspace.Subscription) workspace.Subscription {
	s.Roles = slices.Clone(s.Roles)
	return s
}

// A memory that holds memoryLimit entries starts anew. Callers may ask for names of any length, so
// that a key over keyLimit is not remembered.
const (
	memoryLimit = 1024
	keyLimit    = 256
)

// memory remembers the outcome of look-ups, also that there is nothing.
type memory[V any] struct {
	clone func(V) V

	mu      sync.RWMutex
	known   map[string]outcome[V]
	changes int // how often it has forgotten
}

type outcome[V any] struct {
	value V
	err   error
}

func newMemory[V any](clone func(V) V) *memory[V] {
	return &memory[V]{clone: clone, known: map[string]outcome[V]{}}
}

// find answers what is known, and looks up what is not. What was looked up while something
// changed is not remembered.
func (m *memory[V]) find(key string, lookUp func() (V, error)) (V, error) {
	m.mu.RLock()
	o, ok := m.known[key]
	changes := m.changes
	m.mu.RUnlock()
	if ok {
		return m.clone(o.value), o.err
	}
	value, err := lookUp()
	if err == nil || errors.Is(err, workspace.ErrNotFound) {
		m.remember(key, outcome[V]{m.clone(value), err}, changes)
	}
	return value, err
}

func (m *memory[V]) remember(key string, o outcome[V], changes int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.changes != changes || len(key) > keyLimit {
		return
	}
	if len(m.known) >= memoryLimit {
		clear(m.known)
	}
	m.known[key] = o
}

func (m *memory[V]) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.changes++
	clear(m.known)
}
