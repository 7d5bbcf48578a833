package storetest

import (
	"testing"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/workspace"
)

// remembered are the changes of what servers hold in memory, in an order in which each is one.
var remembered = []struct {
	name   string
	change func(t *testing.T, s Store) error
}{
	{"AddIntegration", func(t *testing.T, s Store) error { return s.AddIntegration(t.Context(), Outgoing(1)) }},
	{"SaveIntegration", func(t *testing.T, s Store) error { return s.SaveIntegration(t.Context(), Outgoing(1)) }},
	{"SaveOptions", func(t *testing.T, s Store) error { return s.SaveOptions(t.Context(), Options(1)) }},
	{"SavePermissions", func(t *testing.T, s Store) error {
		return s.SavePermissions(t.Context(), []permissions.Permission{Permission(1)})
	}},
	{"SaveSetting", func(t *testing.T, s Store) error {
		return s.SaveSetting(t.Context(), workspace.Setting{ID: "setting1", Value: []byte("2")})
	}},
	{"Supplement", func(t *testing.T, s Store) error {
		return s.Supplement(t.Context(), workspace.Seed{Settings: []workspace.Setting{{ID: "new", Value: []byte("1")}}})
	}},
	{"RemoveIntegration", func(t *testing.T, s Store) error { return s.RemoveIntegration(t.Context(), "integration1", true) }},
}

var revisionTests = []test{
	{"another one after each change", func(t *testing.T, s Store) {
		must(t, s.Seed(t.Context(), Seed()))
		for _, r := range remembered {
			before, err := s.Revision(t.Context())
			must(t, err)
			must(t, r.change(t, s))
			after, err := s.Revision(t.Context())
			must(t, err)
			if after == before {
				t.Errorf("the revision is still %d after %s", after, r.name)
			}
		}
	}},
	{"the same after what servers do not hold", func(t *testing.T, s Store) {
		must(t, s.Seed(t.Context(), Seed()))
		must(t, s.AddIntegration(t.Context(), Outgoing(1)))
		before, err := s.Revision(t.Context())
		must(t, err)
		must(t, s.SaveLastError(t.Context(), LastError(1, "integration1")))
		must(t, s.SaveScriptValues(t.Context(), "integration1", "v", []integrations.ScriptValue{{Key: "a", Value: []byte("1")}}))
		must(t, s.AddMessages(t.Context(), []workspace.Message{Message(1, "room1")}, nil))
		must(t, s.AddEffects(t.Context(), []workspace.Effect{Effect(1, "integration1")}))
		after, err := s.Revision(t.Context())
		wantSame(t, "Revision", after, err, before)
	}},
}
