package workspace_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grapnel-chat/grapnel/workspace"
)

func TestReadContent(t *testing.T) {
	tests := []struct {
		name, object string
		want         workspace.Content
	}{
		{"empty", `{}`, workspace.Content{Empty: true}},
		{"text is trimmed", `{"text":" hi \n"}`, workspace.Content{Text: "hi"}},
		{"msg stands in for text", `{"text":"","msg":"m"}`, workspace.Content{Text: "m"}},
		{"text goes before msg", `{"msg":"m","text":"t"}`, workspace.Content{Text: "t"}},
		{"a number is a text", `{"text":5}`, workspace.Content{Text: "5"}},
		{"an object is no text", `{"text":{"a":1}}`, workspace.Content{}},
		{"channel", `{"channel":"#a"}`, workspace.Content{Targets: []string{"#a"}, NamesTarget: true}},
		{"several channels", `{"channel":["#a","@b"]}`, workspace.Content{Targets: []string{"#a", "@b"}, NamesTarget: true}},
		{"roomId", `{"roomId":"GENERAL"}`, workspace.Content{Targets: []string{"GENERAL"}, NamesTarget: true}},
		{"an empty channel names nothing", `{"channel":"","roomId":null}`, workspace.Content{}},
		{"icon_url goes before avatar", `{"avatar":"a","icon_url":"b"}`, workspace.Content{Avatar: "b"}},
		{"icon_emoji goes before emoji", `{"emoji":":a:","icon_emoji":":b:"}`, workspace.Content{Emoji: ":b:"}},
		{"attachments", `{"attachments":[{"a":1}]}`, workspace.Content{Attachments: []byte(`[{"a":1}]`)}},
		{"attachments that are no list", `{"attachments":{"a":1}}`, workspace.Content{}},
		{
			"an attachment's msg becomes text", `{"attachments":[{"msg":"m","text":"t","x":[1]},{"msg":""},7]}`,
			workspace.Content{Attachments: []byte(`[{"x":[1],"text":"m"},{"msg":""},7]`)},
		},
		{
			"flags", `{"parseUrls":false,"groupable":true,"separateResponse":true}`,
			workspace.Content{ParseURLs: new(false), Groupable: new(true), Separate: new(true)},
		},
		{"separateResponse is exactly true", `{"separateResponse":"true"}`, workspace.Content{Separate: new(false)}},
		{"thread and custom fields", `{"tmid":"m1","customFields":{"a":"b"}}`, workspace.Content{ThreadID: "m1", Custom: []byte(`{"a":"b"}`)}},
		{"later member counts", `{"text":"a","text":"b"}`, workspace.Content{Text: "b"}},
		{"escapes", `{"text":"<\u003e\ud83d\ude00"}`, workspace.Content{Text: "<>😀"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := workspace.ReadContent([]byte(tt.object))
			if err != nil {
				t.Fatalf("ReadContent(%s): %v", tt.object, err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("ReadContent(%s) (-want +got):\n%s", tt.object, diff)
			}
		})
	}
}

func TestReadContentRefuses(t *testing.T) {
	for _, object := range []string{``, `[]`, `"a"`, `{`, `{"a":1}x`, `{"a":}`, `{"a":[}`} {
		if _, err := workspace.ReadContent([]byte(object)); err == nil {
			t.Errorf("ReadContent(%q) = nil error, want one", object)
		}
	}
}

func TestContentDraft(t *testing.T) {
	or := workspace.Defaults{Alias: "integration", Avatar: "default.png", Emoji: ":default:", Targets: []string{"#general"}}
	tests := []struct {
		name, object                 string
		alias, avatar, emoji, target string
		parseURLs                    bool
	}{
		{"defaults", `{}`, "integration", "default.png", "", "#general", true},
		{"username goes before alias", `{"alias":"a","username":"u"}`, "u", "default.png", "", "#general", true},
		{"alias", `{"alias":"a"}`, "a", "default.png", "", "#general", true},
		{"emoji goes before the default avatar", `{"emoji":":e:"}`, "integration", "", ":e:", "#general", true},
		{"avatar goes before emoji", `{"emoji":":e:","avatar":"x"}`, "integration", "x", "", "#general", true},
		{"attachments stop URL previews", `{"attachments":[]}`, "integration", "default.png", "", "#general", false},
		{"unless asked for", `{"attachments":[],"parseUrls":true}`, "integration", "default.png", "", "#general", true},
		{"own channel", `{"channel":"#x"}`, "integration", "default.png", "", "#x", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := workspace.ReadContent([]byte(tt.object))
			if err != nil {
				t.Fatal(err)
			}
			d := c.Draft(workspace.User{}, or)
			if d.Alias != tt.alias || d.Avatar != tt.avatar || d.Emoji != tt.emoji || d.Targets[0] != tt.target || d.ParseURLs != tt.parseURLs {
				t.Errorf("Draft of %s = alias %q, avatar %q, emoji %q, targets %q, parseURLs %v", tt.object, d.Alias, d.Avatar, d.Emoji, d.Targets, d.ParseURLs)
			}
			if d.Groupable == nil || *d.Groupable {
				t.Errorf("Draft of %s is groupable, want not", tt.object)
			}
		})
	}
}

func TestTruthy(t *testing.T) {
	for value, want := range map[string]bool{
		`""`: false, `"a"`: true, `0`: false, `-0.0`: false, `0.5`: true, `null`: false, `true`: true, `false`: false, `[]`: true, `{}`: true, ``: false,
	} {
		if got := workspace.Truthy([]byte(value)); got != want {
			t.Errorf("Truthy(%s) = %v, want %v", value, got, want)
		}
	}
}

func FuzzReadContent(f *testing.F) {
	f.Add([]byte(`{"text":"a","attachments":[{"msg":"b"}],"channel":["#a"]}`))
	f.Fuzz(func(t *testing.T, object []byte) {
		c, err := workspace.ReadContent(object)
		if err != nil {
			return
		}
		if c.Attachments != nil {
			if _, err := workspace.ReadContent(append(append([]byte(`{"attachments":`), c.Attachments...), '}')); err != nil {
				t.Errorf("attachments of %q do not parse: %s", object, c.Attachments)
			}
		}
	})
}
