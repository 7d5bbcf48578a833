// Package storetest says what a store is: every store runs Run in its tests, and what Run does not
// ask for, no caller may count on. Each subtest gets an empty store of its own.
package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/workspace"
)

// Store is every port that a store fills.
type Store interface {
	workspace.Store
	integrations.Store
	integrations.Queue
	integrations.DeliveryStore
	permissions.Store
	Revision(ctx context.Context) (int64, error)
	Ping(ctx context.Context) error
	Close() error
}

// test is one thing that a store must do.
type test struct {
	name string
	run  func(t *testing.T, s Store)
}

// Run tests the stores that open answers, each of them empty. Closing them is up to open.
func Run(t *testing.T, open func(t *testing.T) Store) {
	groups := []struct {
		name  string
		tests []test
	}{
		{"seed", seedTests},
		{"users", userTests},
		{"sessions", sessionTests},
		{"rooms", roomTests},
		{"members", memberTests},
		{"messages", messageTests},
		{"files", fileTests},
		{"teams", teamTests},
		{"permissions", permissionTests},
		{"integrations", integrationTests},
		{"last errors", lastErrorTests},
		{"options", optionTests},
		{"script values", scriptValueTests},
		{"revision", revisionTests},
		{"queue", queueTests},
		{"claims", claimTests},
		{"lanes", laneTests},
		{"outages", outageTests},
		{"keeping", keepingTests},
		{"deliveries", deliveryTests},
		{"whole", wholeTests},
	}
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) {
			for _, tt := range g.tests {
				t.Run(tt.name, func(t *testing.T) { tt.run(t, open(t)) })
			}
		})
	}
}

// must ends the test on an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantError checks that an error is the one that the port names.
func wantError(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: error %v, want %v", what, got, want)
	}
}

// wantSame checks a record that was read. Nil and empty are not the same.
func wantSame[T any](t *testing.T, what string, got T, err error, want T) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: want -, got +\n%s", what, diff)
	}
}

// wantPage checks the ids of a page, in their order, and the length of the whole list.
func wantPage[T any](t *testing.T, what string, read func() ([]T, int, error), id func(T) string, want []string, wantTotal int) {
	t.Helper()
	page, total, err := read()
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	got := []string{}
	for _, record := range page {
		got = append(got, id(record))
	}
	if want == nil {
		want = []string{}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: want -, got +\n%s", what, diff)
	}
	if total != wantTotal {
		t.Errorf("%s: %d in all, want %d", what, total, wantTotal)
	}
}

// ascending and descending make the order of a page.
func ascending(fields ...string) []workspace.Order  { return order(false, fields) }
func descending(fields ...string) []workspace.Order { return order(true, fields) }

func order(descending bool, fields []string) []workspace.Order {
	var sort []workspace.Order
	for _, f := range fields {
		sort = append(sort, workspace.Order{Field: f, Descending: descending})
	}
	return sort
}
