package storetest

import (
	"testing"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/workspace"
)

var scriptValueTests = []test{
	{"nothing kept", func(t *testing.T, s Store) {
		wantValues(t, s, "integration1", "a")
	}},
	{"round trip", func(t *testing.T, s Store) {
		must(t, s.AddIntegration(t.Context(), Incoming(1)))
		odd := []integrations.ScriptValue{
			{Key: "", Value: []byte("null")}, {Key: "__proto__", Value: []byte(`{"b":1, "a":"\u2028"}`)}, {Key: "ключ", Value: []byte("1e400")},
		}
		must(t, s.SaveScriptValues(t.Context(), "integration1", "a", odd))
		wantValues(t, s, "integration1", "a", odd...)
	}},
	{"key by key", func(t *testing.T, s Store) {
		must(t, s.AddIntegration(t.Context(), Incoming(1)))
		save := func(values ...integrations.ScriptValue) {
			t.Helper()
			must(t, s.SaveScriptValues(t.Context(), "integration1", "a", values))
		}
		save(value("a", "1"), value("b", "2"), value("c", "3"))
		wantValues(t, s, "integration1", "a", value("a", "1"), value("b", "2"), value("c", "3"))
		save(value("b", "20"), value("d", "4"))
		save(integrations.ScriptValue{Key: "a"}, integrations.ScriptValue{Key: "not there"})
		save()
		wantValues(t, s, "integration1", "a", value("b", "20"), value("c", "3"), value("d", "4"))
	}},
	{"each version and integration its own", func(t *testing.T, s Store) {
		for n := 1; n <= 2; n++ {
			must(t, s.AddIntegration(t.Context(), Incoming(n)))
		}
		must(t, s.SaveScriptValues(t.Context(), "integration1", "a", []integrations.ScriptValue{value("k", "1")}))
		must(t, s.SaveScriptValues(t.Context(), "integration1", "b", []integrations.ScriptValue{value("k", "2")}))
		must(t, s.SaveScriptValues(t.Context(), "integration2", "a", []integrations.ScriptValue{value("k", "3")}))
		wantValues(t, s, "integration1", "a", value("k", "1"))
		wantValues(t, s, "integration1", "b", value("k", "2"))
		wantValues(t, s, "integration2", "a", value("k", "3"))
	}},
	{"a save or a removal forgets them", func(t *testing.T, s Store) {
		for n := 1; n <= 3; n++ {
			must(t, s.AddIntegration(t.Context(), Incoming(n)))
			must(t, s.SaveScriptValues(t.Context(), ID("integration", n), "a", []integrations.ScriptValue{value("k", "1")}))
		}
		wantValues(t, s, "integration1", "a", value("k", "1"))
		wantValues(t, s, "integration2", "a", value("k", "1"))
		must(t, s.SaveIntegration(t.Context(), Incoming(1)))
		must(t, s.RemoveIntegration(t.Context(), "integration2", false))
		wantValues(t, s, "integration1", "a")
		wantValues(t, s, "integration2", "a")
		wantValues(t, s, "integration3", "a", value("k", "1"))
	}},
	{"callers own what they get", func(t *testing.T, s Store) {
		must(t, s.AddIntegration(t.Context(), Incoming(1)))
		must(t, s.SaveScriptValues(t.Context(), "integration1", "a", []integrations.ScriptValue{value("k", "1")}))
		for range 2 {
			got, err := s.ScriptValues(t.Context(), "integration1", "a")
			must(t, err)
			got[0].Value[0], got[0].Key = '9', "other"
		}
		wantValues(t, s, "integration1", "a", value("k", "1"))
	}},
	{"not found", func(t *testing.T, s Store) {
		err := s.SaveScriptValues(t.Context(), "integration1", "a", []integrations.ScriptValue{value("k", "1")})
		wantError(t, "SaveScriptValues", err, workspace.ErrNotFound)
		wantValues(t, s, "integration1", "a")
	}},
}

func value(key, text string) integrations.ScriptValue {
	return integrations.ScriptValue{Key: key, Value: []byte(text)}
}

func wantValues(t *testing.T, s Store, integrationID, version string, want ...integrations.ScriptValue) {
	t.Helper()
	got, err := s.ScriptValues(t.Context(), integrationID, version)
	wantSame(t, "ScriptValues of "+integrationID+" "+version, got, err, want)
}
