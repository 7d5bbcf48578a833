package integrations_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/workspace"
)

// distant is a store in which another server has made one integration, after ours had read them all.
type distant struct {
	integrations.Store

	made  integrations.Integration
	asked atomic.Int32
	fails error
}

func (*distant) Integrations(context.Context, integrations.Filter, workspace.Page) ([]integrations.Integration, int, error) {
	return nil, 0, nil
}

func (*distant) AllOptions(context.Context) ([]integrations.Options, error) { return nil, nil }

func (d *distant) Integration(_ context.Context, id string) (integrations.Integration, error) {
	d.asked.Add(1)
	<-time.After(time.Millisecond)
	switch {
	case d.fails != nil:
		return integrations.Integration{}, d.fails
	case id != d.made.ID:
		return integrations.Integration{}, workspace.ErrNotFound
	}
	return d.made, nil
}

func (*distant) Options(_ context.Context, id string) (integrations.Options, error) {
	return integrations.Options{IntegrationID: id, Limits: integrations.Limits{Body: 77}}, nil
}

// posters answers the user with any id.
type posters struct{ integrations.Chat }

func (posters) User(_ context.Context, id string) (workspace.User, error) {
	return workspace.User{ID: id}, nil
}

// behind makes a service that does not know yet what the store holds.
func behind(t *testing.T) (*distant, *integrations.Service) {
	t.Helper()
	token := "token"
	store := &distant{made: integrations.Integration{ID: "made", Kind: integrations.Incoming, Enabled: true, UserID: "poster", Token: &token}}
	index, err := integrations.OpenIndex(t.Context(), store, "")
	if err != nil {
		t.Fatal(err)
	}
	return store, integrations.New(integrations.Config{Store: store, Index: index, Chat: posters{}})
}

// TestHookMadeElsewhere holds that a hook which another server has made a moment ago can be called at
// once, by many at the same time, with its options in force.
func TestHookMadeElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, service := behind(t)
		var callers sync.WaitGroup
		for range 1000 {
			callers.Go(func() {
				a, err := service.Admit(t.Context(), integrations.HookRequest{IntegrationID: "made", Token: "token"})
				if err != nil || a.MostBody != 77 {
					t.Errorf("Admit = %+v, %v, want the request let in with a limit of 77 bytes", a, err)
				}
			})
		}
		callers.Wait()
		if got := store.asked.Load(); got != 1 {
			t.Errorf("the store was asked %d times, want once", got)
		}
	})
}

// TestStrangersDoNotKeepTheStoreBusy holds that ids which nobody has made are looked for so often and
// no oftener, and that a new hook is found again soon after.
func TestStrangersDoNotKeepTheStoreBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, service := behind(t)
		const most = 50
		for n := range 10 * most {
			_, err := service.Admit(t.Context(), integrations.HookRequest{IntegrationID: strconv.Itoa(n), Token: "token"})
			if !errors.Is(err, integrations.ErrUnknownHook) {
				t.Fatalf("Admit = %v, want that the hook is unknown", err)
			}
		}
		if got := store.asked.Load(); got < most || got > most+2 {
			t.Errorf("the store was asked %d times, want about %d", got, most)
		}
		<-time.After(time.Second)
		if _, err := service.Admit(t.Context(), integrations.HookRequest{IntegrationID: "made", Token: "token"}); err != nil {
			t.Errorf("a second later: Admit = %v, want the new hook found", err)
		}
	})
}

// TestHookWithoutItsStore holds that a hook is not called unknown while nobody can tell.
func TestHookWithoutItsStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, service := behind(t)
		store.fails = errors.New("no disk")
		_, err := service.Admit(t.Context(), integrations.HookRequest{IntegrationID: "made", Token: "token"})
		if !errors.Is(err, store.fails) || errors.Is(err, integrations.ErrUnknownHook) {
			t.Errorf("Admit = %v, want the store's error", err)
		}
	})
}
