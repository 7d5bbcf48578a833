package sqlite

import (
	"errors"
	"slices"
	"sync"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/workspace"
)

// records remembers what every request looks up: who calls, which room, who is in it. That is
// safe because the folder belongs to this process alone, and a write that touches a kind of
// record forgets all of that kind before it is answered. Only of what scripts keep, each integration
// is forgotten by itself: some scripts write at every call.
type records struct {
	users         *memory[workspace.User]
	usernames     *memory[workspace.User]
	sessions      *memory[login]
	rooms         *memory[workspace.Room]
	roomNames     *memory[workspace.Room]
	subscriptions *memory[workspace.Subscription]
	scriptValues  *memory[[]integrations.ScriptValue]
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
		scriptValues:  newWeighedMemory(copyScriptValues, weighScriptValues, scriptValuesLimit),
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

func copyScriptValues(values []integrations.ScriptValue) []integrations.ScriptValue {
	values = slices.Clone(values)
	for i := range values {
		values[i].Value = slices.Clone(values[i].Value)
	}
	return values
}

// scriptValuesLimit is how many bytes of what scripts keep are remembered.
const scriptValuesLimit = 16 << 20

func weighScriptValues(values []integrations.ScriptValue) int {
	weight := keyLimit // of one that holds nothing
	for _, v := range values {
		weight += 64 + len(v.Key) + len(v.Value)
	}
	return weight
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
	weigh func(V) int
	limit int // of the weight of all

	mu      sync.RWMutex
	known   map[string]outcome[V]
	weight  int
	changes int // how often it has forgotten
}

type outcome[V any] struct {
	value V
	err   error
}

func newMemory[V any](clone func(V) V) *memory[V] {
	return newWeighedMemory(clone, func(V) int { return 1 }, memoryLimit)
}

func newWeighedMemory[V any](clone func(V) V, weigh func(V) int, limit int) *memory[V] {
	return &memory[V]{clone: clone, weigh: weigh, limit: limit, known: map[string]outcome[V]{}}
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
	weight := m.weigh(o.value)
	if known, ok := m.known[key]; ok {
		m.weight -= m.weigh(known.value)
	}
	if m.weight+weight > m.limit {
		clear(m.known)
		m.weight = 0
	}
	m.known[key] = o
	m.weight += weight
}

func (m *memory[V]) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.changes++
	clear(m.known)
	m.weight = 0
}

// forgetOne forgets what is known under one key.
func (m *memory[V]) forgetOne(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.changes++
	if known, ok := m.known[key]; ok {
		m.weight -= m.weigh(known.value)
		delete(m.known, key)
	}
}
