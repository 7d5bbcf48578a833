package api_test

import (
	"strings"
	"testing"

	"github.com/grapnel-chat/grapnel/integrations"
)

// TestScriptTooLarge saves sources at and over the limit.
func TestScriptTooLarge(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *options) { o.scriptSize = 1000 })
	const code = "error-script-too-large"
	const refused = `The member "script" has 1001 bytes, at most 1000 are allowed (SCRIPT_SOURCE_SIZE). [` + code + `]`
	fits, tooLarge := sized(1000), sized(1001)
	for kind, in := range map[integrations.Kind]doc{
		integrations.Incoming: {
			"type": "webhook-incoming", "name": "n", "enabled": true, "username": "rocket.cat", "channel": "#general", "scriptEnabled": true,
		},
		integrations.Outgoing: {
			"type": "webhook-outgoing", "name": "n", "enabled": true, "username": "rocket.cat", "channel": "#general", "scriptEnabled": true,
			"event": "sendMessage", "urls": []any{"http://127.0.0.1:1/"}, "token": "t",
		},
	} {
		t.Run(string(kind), func(t *testing.T) {
			s := s.in(t)
			s.post(s.admin, "/api/v1/integrations.create", changed(in, doc{"script": tooLarge})).fails(400, refused, code)
			s.post(s.admin, "/api/v1/integrations.create", changed(in, doc{"script": tooLarge, "scriptEnabled": false})).fails(400, refused, code)
			made := s.made(s.admin, changed(in, doc{"script": fits}))
			if made["scriptCompiled"] == nil {
				t.Errorf("a script of the largest size was not compiled: %v", made["scriptError"])
			}
			id := made["_id"].(string)
			update := changed(in, doc{"integrationId": id})
			s.update(s.admin, changed(update, doc{"script": tooLarge, "name": "other"})).fails(400, refused, code)
			if got := s.stored(id); got["name"] != "n" || got["script"] != fits {
				t.Errorf("the refused update left %v", got)
			}

			old := s.record("old-"+id, kind) // from before the limit was lowered
			old.Script = &tooLarge
			s.plant(old)
			s.update(s.admin, changed(update, doc{"integrationId": old.ID, "script": tooLarge, "enabled": false})).is(200)
		})
	}
}

// sized is a script of so many bytes.
func sized(n int) string {
	const script = "class Script {} //"
	return script + strings.Repeat("x", n-len(script))
}
