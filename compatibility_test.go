package grapnel_test

import (
	"fmt"
	"strings"
	"testing"
)

// Against what a route was checked. No Rocket.Chat server runs in the tests.
const (
	byPackages = "7 (wire), 8.8.1 (wire; schemas of its packages, executed)"
	byWire     = "7 and 8 (wire)"
	byPages    = "7 (documentation)"
	byMemory   = "7 (from memory)"
	byNothing  = "Grapnel's own"
)

// note is what there is to say of a route: what is missing, in one phrase (empty: nothing that is
// known), and what the route was checked against.
type note struct{ missing, checked string }

// Phrases that several routes share.
const (
	oneServer   = "only the settings that this server has"
	noMail      = "no e-mail is sent"
	noReadState = "nobody's unread messages are counted"
	noFilters   = "`mentionIds`, `starredIds` and `pinned` are ignored"
	noTeam      = "`teams`, `encrypted` and `federated` are ignored"
	noUnread    = "`unreads` is ignored"
)

// notes are all routes, by method and path.
var notes = map[string]note{
	"POST /api/v1/integrations.create":         {"", byPackages},
	"GET /api/v1/integrations.list":            {"", byPackages},
	"GET /api/v1/integrations.get":             {"", byPackages},
	"PUT /api/v1/integrations.update":          {"", byPackages},
	"POST /api/v1/integrations.remove":         {"", byPackages},
	"GET /api/v1/integrations.history":         {"", byPackages},
	"POST /api/v1/integrations.clearHistory":   {"", byPackages},
	"POST /api/v1/integrations.replayOutgoing": {"", byPackages},
	"GET /api/v1/integrations.lastRun":         {"", byNothing},
	"POST /api/v1/integrations.testScript":     {"", byNothing},
	"GET /api/v1/integrations.options":         {"", byNothing},
	"PUT /api/v1/integrations.options":         {"", byNothing},
	"GET /api/v1/deliveries":                   {"", byNothing},
	"GET /api/v1/deliveries/:id":               {"", byNothing},
	"POST /api/v1/deliveries/:id/replay":       {"", byNothing},
	"POST /api/v1/deliveries/:id/cancel":       {"", byNothing},
	"POST /api/v1/deliveries/replay":           {"", byNothing},
	"GET /api/v1/integrations.secret":          {"", byNothing},
	"POST /api/v1/integrations.rotateSecret":   {"", byNothing},
	"GET /api/v1/requests":                     {"", byNothing},
	"GET /api/v1/requests/:id":                 {"", byNothing},
	"POST /api/v1/requests/:id/replay":         {"", byNothing},

	"GET /hooks/:integrationId/:token":                 {"", byWire},
	"POST /hooks/:integrationId/:token":                {"", byWire},
	"GET /hooks/:integrationId/:token/:last":           {"", byWire},
	"POST /hooks/:integrationId/:token/:last":          {"", byWire},
	"GET /hooks/sample/:integrationId/:userId/:token":  {"", byWire},
	"GET /hooks/info/:integrationId/:userId/:token":    {"", byWire},
	"POST /hooks/add/:integrationId/:userId/:token":    {"", byWire},
	"POST /hooks/remove/:integrationId/:userId/:token": {"", byWire},

	"POST /api/v1/login":  {"passwords and tokens alone: no second factor, LDAP, OAuth or SAML", byWire},
	"POST /api/v1/logout": {"", byWire},
	"GET /api/v1/logout":  {"", byWire},
	"GET /api/v1/me":      {"`settings` are empty; nobody is online but bots", byWire},

	"GET /api/v1/info":                      {"the version alone", byPages},
	"GET /api/info":                         {"the version alone", byPages},
	"GET /api/v1/settings.public":           {oneServer, byPages},
	"GET /api/v1/settings":                  {oneServer, byPages},
	"GET /api/v1/settings/:_id":             {oneServer, byPages},
	"POST /api/v1/settings/:_id":            {oneServer + "; a value of another type is refused", byWire},
	"GET /api/v1/permissions.listAll":       {"", byWire},
	"POST /api/v1/permissions.update":       {"", byWire},
	"GET /api/v1/roles.list":                {"", byPages},
	"POST /api/v1/roles.addUserToRole":      {"", byPages},
	"POST /api/v1/roles.removeUserFromRole": {"", byWire},

	"POST /api/v1/users.create":                        {noMail, byWire},
	"GET /api/v1/users.info":                           {"`includeUserRooms` is ignored", byPages},
	"GET /api/v1/users.list":                           {"", byPages},
	"POST /api/v1/users.update":                        {noMail, byPages},
	"POST /api/v1/users.updateOwnBasicInfo":            {noMail, byPages},
	"POST /api/v1/users.setActiveStatus":               {"", byPages},
	"POST /api/v1/users.delete":                        {"", byWire},
	"POST /api/v1/users.createToken":                   {"`secret` is ignored: the permission decides", byPages},
	"POST /api/v1/users.generatePersonalAccessToken":   {"", byPages},
	"POST /api/v1/users.regeneratePersonalAccessToken": {"", byPages},
	"GET /api/v1/users.getPersonalAccessTokens":        {"", byPages},
	"POST /api/v1/users.removePersonalAccessToken":     {"", byPages},
	"POST /api/v1/users.logout":                        {"", byPages},
	"POST /api/v1/users.logoutOtherClients":            {"", byPages},
	"POST /api/v1/users.removeOtherTokens":             {"", byPages},
	"GET /api/v1/sessions/list":                        {"device and address are not known", byPages},
	"POST /api/v1/sessions/logout.me":                  {"", byPages},

	"POST /api/v1/channels.create":         {noTeam, byWire},
	"GET /api/v1/channels.info":            {"", byPages},
	"GET /api/v1/channels.list":            {"", byPages},
	"GET /api/v1/channels.list.joined":     {"", byPages},
	"GET /api/v1/channels.messages":        {noFilters, byWire},
	"GET /api/v1/channels.history":         {noUnread, byPages},
	"GET /api/v1/channels.members":         {"`status` is ignored", byWire},
	"POST /api/v1/channels.join":           {"`joinCode` is ignored: no channel has one", byPages},
	"POST /api/v1/channels.invite":         {"", byPages},
	"POST /api/v1/channels.leave":          {"", byPages},
	"POST /api/v1/channels.kick":           {"", byPages},
	"POST /api/v1/channels.archive":        {"", byPages},
	"POST /api/v1/channels.unarchive":      {"", byPages},
	"POST /api/v1/channels.rename":         {"", byPages},
	"POST /api/v1/channels.setTopic":       {"", byPages},
	"POST /api/v1/channels.setDescription": {"", byPages},
	"POST /api/v1/channels.setReadOnly":    {"", byPages},
	"POST /api/v1/channels.setType":        {"", byPages},
	"POST /api/v1/channels.delete":         {"", byWire},

	"POST /api/v1/teams.create": {"an existing room cannot become a team's main room", byMemory},
	"POST /api/v1/teams.delete": {"", byMemory},
	"GET /api/v1/teams.list":    {"", byMemory},
	"GET /api/v1/teams.listAll": {"", byMemory},
	"GET /api/v1/teams.info":    {"", byMemory},
	"GET /api/v1/teams.members": {"no `createdBy`", byMemory},

	"POST /api/v1/rooms.upload/:rid":               {"no thumbnails; dimensions of PNG, JPEG and GIF alone", byMemory},
	"POST /api/v1/rooms.media/:rid":                {"", byMemory},
	"POST /api/v1/rooms.mediaConfirm/:rid/:fileId": {"no thumbnails; dimensions of PNG, JPEG and GIF alone", byMemory},
	"GET /file-upload/:id/:name":                   {"", byMemory},
	"GET /avatar/:username":                        {"users have no picture of their own; `size` and `format` are ignored", byMemory},

	"POST /api/v1/groups.create":         {noTeam, byWire},
	"GET /api/v1/groups.info":            {"", byPages},
	"GET /api/v1/groups.list":            {"", byPages},
	"GET /api/v1/groups.messages":        {noFilters, byWire},
	"GET /api/v1/groups.history":         {noUnread, byPages},
	"GET /api/v1/groups.members":         {"`status` is ignored", byWire},
	"POST /api/v1/groups.invite":         {"", byPages},
	"POST /api/v1/groups.leave":          {"", byPages},
	"POST /api/v1/groups.kick":           {"", byPages},
	"POST /api/v1/groups.archive":        {"", byPages},
	"POST /api/v1/groups.unarchive":      {"", byPages},
	"POST /api/v1/groups.rename":         {"", byPages},
	"POST /api/v1/groups.setTopic":       {"", byPages},
	"POST /api/v1/groups.setDescription": {"", byPages},
	"POST /api/v1/groups.setReadOnly":    {"", byPages},
	"POST /api/v1/groups.setType":        {"", byPages},
	"POST /api/v1/groups.delete":         {"", byWire},

	"POST /api/v1/im.create":             {"", byPages},
	"GET /api/v1/im.list":                {"", byPages},
	"GET /api/v1/im.messages":            {"", byPages},
	"GET /api/v1/im.history":             {noUnread, byPages},
	"GET /api/v1/im.members":             {"", byPages},
	"POST /api/v1/dm.create":             {"", byPages},
	"GET /api/v1/dm.list":                {"", byPages},
	"GET /api/v1/dm.messages":            {"", byPages},
	"GET /api/v1/dm.history":             {noUnread, byPages},
	"GET /api/v1/dm.members":             {"", byPages},
	"GET /api/v1/rooms.get":              {"`remove` is always empty", byPages},
	"GET /api/v1/rooms.info":             {"", byPages},
	"GET /api/v1/subscriptions.get":      {noReadState + "; `remove` is always empty", byPages},
	"POST /api/v1/chat.postMessage":      {"", byPages},
	"POST /api/v1/chat.sendMessage":      {"`blocks` and `previewUrls` are ignored", byPages},
	"POST /api/v1/chat.update":           {"`previewUrls` is ignored", byPages},
	"POST /api/v1/chat.delete":           {"`asUser` is ignored", byPages},
	"GET /api/v1/chat.getMessage":        {"", byPages},
	"GET /api/v1/chat.getThreadMessages": {"", byPages},
	"POST /api/v1/chat.react":            {"any name of an emoji is taken", byPages},
}

// besides are the routes that no Rocket.Chat has a counterpart of and no client of it calls.
var besides = []string{"/livez", "/readyz", "/metrics", "/openapi.yaml", "/types/", "/docs"}

// TestCompatibilityPage holds that docs/compatibility.md names every route, and that every note is of
// a route that is served.
func TestCompatibilityPage(t *testing.T) {
	routes, _ := routeTable(t)
	var b strings.Builder
	b.WriteString(compatibilityHead)
	served := map[string]bool{}
	for _, r := range routes {
		if r.path == "/" || beside(r.path) {
			continue
		}
		served[r.name()] = true
		n, ok := notes[r.name()]
		if !ok {
			t.Errorf("%s is served and has no note: say in compatibility_test.go what is missing of it, and what it was checked against", r.name())
			continue
		}
		state := "supported"
		if n.missing != "" {
			state = "partly: " + n.missing
		}
		fmt.Fprintf(&b, "| `%s %s` | %s | %s |\n", r.method, strings.TrimPrefix(r.path, "/api/v1/"), state, n.checked)
	}
	for name := range notes {
		if !served[name] {
			t.Errorf("compatibility_test.go has a note of %s, which is not served", name)
		}
	}
	b.WriteString(compatibilityFoot)
	wantPage(t, "docs/compatibility.md", b.String())
}

func beside(path string) bool {
	for _, prefix := range besides {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}

const compatibilityHead = `# What of Rocket.Chat's API is here

This page is made from the table of routes and the notes in ` + "`compatibility_test.go`" + ` by ` + "`go test . -update`" + `; a
test fails when a route has no note, a note no route, or the page is not what both say.

The last column says how an endpoint was compared. *Wire*: statuses, texts and the order of checks were compared one by
one with what that version answers. *Schemas, executed*: thousands of documents were given to the schemas of the published
packages, and their answers recorded. *Documentation*: the published pages of the API are all that was compared, so an
error's text may differ. No Rocket.Chat server runs in the tests. ` + "`COMPAT`" + ` chooses between the texts of version 7 and
8 where they differ.

For all lists: ` + "`query`" + ` and ` + "`fields`" + ` are ignored, as upstream ignores them unless told otherwise by its environment.

| endpoint | state | checked against |
|---|---|---|
`

const compatibilityFoot = `
What is not in this table is answered with 404.
`
