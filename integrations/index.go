package integrations

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/workspace"
)

// Index holds every integration in memory, but for its script: incoming ones by id, for their hooks,
// and enabled outgoing ones by what they listen to, so that an event is matched without looking at
// those it does not concern. It is a workspace's Dispatcher.
type Index struct {
	siteURL string
	paces   paces

	mu       sync.RWMutex
	programs *programs // of both; the records themselves have no scripts
	incoming map[string]*Integration
	outgoing map[string]*Integration
	options  map[string]Options
	// listeners are the outgoing integrations by event and channel, oldest first. Events without
	// channels stand under the channel "".
	listeners map[listenerKey][]*Integration
}

type listenerKey struct {
	event   workspace.EventKind
	channel string
}

// OpenIndex reads all integrations. The site's URL is part of what receivers get.
func OpenIndex(ctx context.Context, store Store, siteURL string) (*Index, error) {
	x := &Index{siteURL: siteURL}
	return x, x.read(ctx, store)
}

// read makes the index hold what the store has now, all at once.
func (x *Index) read(ctx context.Context, store Store) error {
	everything := Filter{Incoming: permissions.All, Outgoing: permissions.All}
	stored, _, err := store.Integrations(ctx, everything, workspace.Page{})
	if err != nil {
		return fmt.Errorf("read integrations: %w", err)
	}
	options, err := store.AllOptions(ctx)
	if err != nil {
		return fmt.Errorf("read options of integrations: %w", err)
	}
	fresh := Index{
		programs:  newPrograms(),
		incoming:  map[string]*Integration{},
		outgoing:  map[string]*Integration{},
		options:   map[string]Options{},
		listeners: map[listenerKey][]*Integration{},
	}
	for _, i := range stored {
		fresh.Put(i)
	}
	for _, o := range options {
		fresh.PutOptions(o)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.programs = fresh.programs
	for id := range x.options {
		x.repace(id, fresh.options[id])
	}
	x.incoming, x.outgoing, x.options, x.listeners = fresh.incoming, fresh.outgoing, fresh.options, fresh.listeners
	return nil
}

// Put makes the index hold the record as it is now.
func (x *Index) Put(i Integration) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.remove(i.ID)
	x.programs.put(&i)
	if i.Kind == Incoming {
		x.incoming[i.ID] = &i
		return
	}
	x.outgoing[i.ID] = &i
	if i.Enabled {
		for _, key := range keysOf(i) {
			x.listeners[key] = insert(x.listeners[key], &i)
		}
	}
}

// PutOptions makes the index hold an integration's options as they are now.
func (x *Index) PutOptions(o Options) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.repace(o.IntegrationID, o)
	x.options[o.IntegrationID] = o
}

// repace lets the brake begin anew where an integration's limits change: deliveries that are planned
// from now on do not wait behind those that it has put off.
func (x *Index) repace(id string, now Options) {
	if x.options[id].Limits != now.Limits {
		x.paces.forget(id)
	}
}

// Remove forgets a record and its options.
func (x *Index) Remove(id string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.remove(id)
	x.programs.remove(id)
	delete(x.options, id)
	x.paces.forget(id)
}

func (x *Index) remove(id string) {
	delete(x.incoming, id)
	old, ok := x.outgoing[id]
	if !ok {
		return
	}
	delete(x.outgoing, id)
	for _, key := range keysOf(*old) {
		kept := slices.DeleteFunc(slices.Clone(x.listeners[key]), func(i *Integration) bool { return i.ID == id })
		if len(kept) == 0 {
			delete(x.listeners, key)
		} else {
			x.listeners[key] = kept
		}
	}
}

// scripts are those of the integrations in it.
func (x *Index) scripts() *programs {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.programs
}

// Incoming answers the incoming integration with that id, without its script.
func (x *Index) Incoming(id string) (Integration, bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	i, ok := x.incoming[id]
	if !ok {
		return Integration{}, false
	}
	return *i, true
}

// Outgoing answers the outgoing integration with that id, without its script.
func (x *Index) Outgoing(id string) (Integration, bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	i, ok := x.outgoing[id]
	if !ok {
		return Integration{}, false
	}
	return *i, true
}

// Options answers what the integration with that id says beyond its record: the zero value with its
// id where it says nothing.
func (x *Index) Options(id string) Options {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if o, ok := x.options[id]; ok {
		return o
	}
	return Options{IntegrationID: id}
}

// has reports whether there is an integration with that id.
func (x *Index) has(id string) bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.incoming[id] != nil || x.outgoing[id] != nil
}

// keysOf answers where an outgoing integration listens.
func keysOf(i Integration) []listenerKey {
	if !eventUses[i.Event].channels {
		return []listenerKey{{event: i.Event}}
	}
	if len(i.Channels) == 0 {
		return []listenerKey{{event: i.Event, channel: AllPublicChannels}}
	}
	keys := make([]listenerKey, 0, len(i.Channels))
	for _, channel := range i.Channels {
		keys = append(keys, listenerKey{event: i.Event, channel: channel})
	}
	return keys
}

// insert keeps the order in which integrations were made, and copies, as readers may hold the list.
func insert(list []*Integration, i *Integration) []*Integration {
	at, _ := slices.BinarySearchFunc(list, i, older)
	return slices.Insert(slices.Clone(list), at, i)
}

func older(a, b *Integration) int {
	if c := a.CreatedAt.Compare(b.CreatedAt); c != 0 {
		return c
	}
	if a.ID < b.ID {
		return -1
	}
	return 1
}

// listening answers the integrations that listen to the event, each once, oldest first.
func (x *Index) listening(ev workspace.Event) []*Integration {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if !eventUses[ev.Kind].channels {
		return x.listeners[listenerKey{event: ev.Kind}]
	}
	var found []*Integration
	for _, channel := range channelsOf(ev) {
		for _, i := range x.listeners[listenerKey{event: ev.Kind, channel: channel}] {
			if !slices.Contains(found, i) {
				found = append(found, i)
			}
		}
	}
	slices.SortFunc(found, older)
	return found
}

// channelsOf answers the names under which integrations may listen to the event's room.
func channelsOf(ev workspace.Event) []string {
	room := ev.Room
	switch room.Type {
	case workspace.Direct:
		names := []string{AllDirectMessages}
		for _, member := range room.Members {
			if member.ID != ev.User.ID {
				names = append(names, "@"+member.ID, "@"+member.Username)
			}
		}
		return names
	case workspace.Channel:
		return []string{AllPublicChannels, "#" + room.ID, "#" + room.Name}
	default:
		return []string{AllPrivateGroups, "#" + room.ID, "#" + room.Name}
	}
}
