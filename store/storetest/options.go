package storetest

import (
	"testing"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/workspace"
)

var optionTests = []test{
	{"round trip", func(t *testing.T, s Store) {
		must(t, s.AddIntegration(t.Context(), Outgoing(1)))
		got, err := s.Options(t.Context(), "integration1")
		wantSame(t, "Options that were never saved", got, err, integrations.Options{IntegrationID: "integration1"})
		other := Options(1)
		other.Policy, other.Retry = "", nil
		bare := integrations.Options{IntegrationID: "integration1"}
		for _, o := range []integrations.Options{Options(1), other, bare} {
			must(t, s.SaveOptions(t.Context(), o))
			got, err := s.Options(t.Context(), "integration1")
			wantSame(t, "Options", got, err, o)
		}
	}},
	{"all of them", func(t *testing.T, s Store) {
		for n := 1; n <= 3; n++ {
			must(t, s.AddIntegration(t.Context(), Outgoing(n)))
		}
		all, err := s.AllOptions(t.Context())
		wantSame(t, "number of options that were never saved", len(all), err, 0)
		must(t, s.SaveOptions(t.Context(), Options(1)))
		must(t, s.SaveOptions(t.Context(), Options(3)))
		all, err = s.AllOptions(t.Context())
		wantSame(t, "AllOptions", byID(all), err, byID([]integrations.Options{Options(1), Options(3)}))
	}},
	{"the record stays as it is, and does not take them away", func(t *testing.T, s Store) {
		must(t, s.AddIntegration(t.Context(), Outgoing(1)))
		must(t, s.SaveOptions(t.Context(), Options(1)))
		got, err := s.Integration(t.Context(), "integration1")
		wantSame(t, "Integration", got, err, Outgoing(1))
		must(t, s.SaveIntegration(t.Context(), Outgoing(1)))
		options, err := s.Options(t.Context(), "integration1")
		wantSame(t, "Options after the integration was saved", options, err, Options(1))
	}},
	{"not found", func(t *testing.T, s Store) {
		must(t, s.AddIntegration(t.Context(), Outgoing(1)))
		wantError(t, "SaveOptions", s.SaveOptions(t.Context(), Options(2)), workspace.ErrNotFound)
		got, err := s.Options(t.Context(), "integration2")
		wantSame(t, "Options of nothing", got, err, integrations.Options{IntegrationID: "integration2"})
	}},
}

// byID lets lists be compared without their order, which no store promises.
func byID(list []integrations.Options) map[string]integrations.Options {
	found := map[string]integrations.Options{}
	for _, o := range list {
		found[o.IntegrationID] = o
	}
	return found
}
