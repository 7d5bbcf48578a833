package storetest

import (
	"testing"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/workspace"
)

var outageTests = []test{
	{"begin, change, end", func(t *testing.T, s Store) {
		must(t, s.AddIntegration(t.Context(), Outgoing(1)))
		wantOutages(t, s)
		for _, n := range []int{2, 1} {
			got, err := s.AddOutage(t.Context(), Outage(n, "integration1"))
			wantSame(t, "AddOutage", got, err, Outage(n, "integration1"))
		}
		wantOutages(t, s, Outage(1, "integration1"), Outage(2, "integration1"))
		told := Outage(1, "integration1")
		told.Told, told.LastError = At(50), "reset"
		must(t, s.SaveOutage(t.Context(), told))
		wantOutages(t, s, told, Outage(2, "integration1"))
		must(t, s.RemoveOutage(t.Context(), "lane1"))
		must(t, s.RemoveOutage(t.Context(), "lane1"))
		wantOutages(t, s, Outage(2, "integration1"))
		wantError(t, "SaveOutage of one that is over", s.SaveOutage(t.Context(), told), workspace.ErrNotFound)
	}},
	{"a lane has one", func(t *testing.T, s Store) {
		must(t, s.AddIntegration(t.Context(), Outgoing(1)))
		bare := integrations.Outage{Lane: "lane1", IntegrationID: "integration1", Since: At(1)}
		_, err := s.AddOutage(t.Context(), bare)
		must(t, err)
		got, err := s.AddOutage(t.Context(), Outage(1, "integration1"))
		wantSame(t, "AddOutage of a lane that has one", got, err, bare)
		wantOutages(t, s, bare)
	}},
	{"it goes with its integration", func(t *testing.T, s Store) {
		for n := 1; n <= 2; n++ {
			must(t, s.AddIntegration(t.Context(), Outgoing(n)))
			_, err := s.AddOutage(t.Context(), Outage(n, ID("integration", n)))
			must(t, err)
		}
		must(t, s.RemoveIntegration(t.Context(), "integration1", false))
		wantOutages(t, s, Outage(2, "integration2"))
		_, err := s.AddOutage(t.Context(), Outage(1, "integration1"))
		wantError(t, "AddOutage of an integration that is gone", err, workspace.ErrNotFound)
		wantOutages(t, s, Outage(2, "integration2"))
	}},
}

func wantOutages(t *testing.T, s Store, want ...integrations.Outage) {
	t.Helper()
	got, err := s.Outages(t.Context())
	wantSame(t, "Outages", got, err, want)
}
