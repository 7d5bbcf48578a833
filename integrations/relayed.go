package integrations

import "github.com/grapnel-chat/grapnel/workspace"

// isRelayed reports whether a request to a hook is the outgoing webhook of a chat server: it has the
// body of one, or, where a script has written another, still the name that Rocket.Chat and Grapnel
// call receivers by.
func isRelayed(r HookRequest, content workspace.Content) bool {
	return content.Relays || r.Header["user-agent"] == userAgent
}
