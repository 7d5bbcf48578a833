package integrations

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/grapnel-chat/grapnel/workspace"
)

// eventMembers are what outgoing webhooks of Rocket.Chat, Grapnel, Mattermost and Slack all say of the
// message that led to them. Services that are no chat name neither a channel nor a person by an id.
var eventMembers = map[string]bool{"channel_id": true, "channel_name": true, "user_id": true, "user_name": true}

// isRelayed reports whether a request to a hook is the outgoing webhook of a chat server: it has the
// body of one, or, where a script has written another, still the name that Rocket.Chat and Grapnel
// call receivers by.
func isRelayed(r HookRequest, content []byte) bool {
	return r.Header["user-agent"] == userAgent || tellsOfMessage(content)
}

func tellsOfMessage(content []byte) bool {
	if !bytes.Contains(content, []byte(`"channel_id"`)) { // most bodies end here, unread
		return false
	}
	found := 0
	err := workspace.EachMember(content, func(name string, value jsontext.Value) {
		if eventMembers[name] && value.Kind() == '"' {
			found++
		}
	})
	return err == nil && found >= len(eventMembers)
}
