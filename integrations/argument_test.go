package integrations

import (
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/grapnel-chat/grapnel/workspace"
)

// TestIncomingArgument holds the document against the one that the JSON library makes of the same
// values.
func TestIncomingArgument(t *testing.T) {
	type object = map[string]any
	poster := workspace.User{ID: "u1", Name: "Rocket \"Cat\"", Username: "rocket.cat"}
	tests := []struct {
		name string
		r    HookRequest
		want object
	}{
		{
			"plain",
			HookRequest{IntegrationID: "i", Token: "t", Path: "/hooks/i/t", Header: map[string]string{"x-b": "2", "host": "h", "x-a": "1, 1"}},
			object{
				"url":     object{"hash": "", "search": "", "query": object{}, "pathname": "/hooks/i/t", "path": "/hooks/i/t"},
				"url_raw": "/hooks/i/t", "url_params": object{"integrationId": "i", "token": "t"},
				"headers": object{"host": "h", "x-a": "1, 1", "x-b": "2"},
			},
		},
		{
			"with a user, a query and bytes that are no UTF-8",
			HookRequest{
				IntegrationID: "i", Token: "t\xff\xfe", UserID: "u", Path: "/hooks/i/u/t%FF", RawQuery: "b=2&a=%22x%22&b=3&c=%ff",
				Header: map[string]string{"x-<&>": "\u2028\x01\xff"},
			},
			object{
				"url": object{
					"hash": "", "search": "?b=2&a=%22x%22&b=3&c=%ff", "query": object{"a": `"x"`, "b": "2", "c": "\xff"},
					"pathname": "/hooks/i/u/t%FF", "path": "/hooks/i/u/t%FF?b=2&a=%22x%22&b=3&c=%ff",
				},
				"url_raw":    "/hooks/i/u/t%FF?b=2&a=%22x%22&b=3&c=%ff",
				"url_params": object{"integrationId": "i", "token": "t\xff\xfe", "userId": "u"},
				"headers":    object{"x-<&>": "\u2028\x01\xff"},
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.want["user"] = object{"_id": "u1", "name": "Rocket \"Cat\"", "username": "rocket.cat"}
			want, err := json.Marshal(object{"request": tt.want}, json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
			if err != nil {
				t.Fatal(err)
			}
			got := jsontext.Value(incomingArgument(poster, tt.r))
			if err := got.Canonicalize(jsontext.AllowInvalidUTF8(true)); err != nil {
				t.Fatalf("%s: %v", got, err)
			}
			wanted := jsontext.Value(want)
			if err := wanted.Canonicalize(jsontext.AllowInvalidUTF8(true)); err != nil {
				t.Fatal(err)
			}
			if string(got) != string(wanted) {
				t.Errorf("incomingArgument = %s, want %s", got, wanted)
			}
		})
	}
}

func TestIncomingArgumentKeepsItsOrder(t *testing.T) {
	got := string(incomingArgument(workspace.User{ID: "u"}, HookRequest{Path: "/p", RawQuery: "b=1&a=2", Header: map[string]string{"b": "1", "a": "2"}}))
	want := `{"request":{"url":{"hash":"","search":"?b=1&a=2","query":{"a":"2","b":"1"},"pathname":"/p","path":"/p?b=1&a=2"},` +
		`"url_raw":"/p?b=1&a=2","url_params":{"integrationId":"","token":""},"headers":{"a":"2","b":"1"},"user":{"_id":"u","name":"","username":""}}}`
	if got != want {
		t.Errorf("incomingArgument = %s, want %s", got, want)
	}
}
