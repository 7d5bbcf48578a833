package api

import (
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/grapnel-chat/grapnel/permissions"
)

// access says who may call a route.
type access struct {
	open bool     // anybody; otherwise only who is logged in
	link bool     // logged in by the query or by cookies, too, as browsers ask for pictures
	any  []string // permissions of which the caller needs at least one; empty: none
}

var (
	anybody  = access{open: true}
	loggedIn = access{}
	byLink   = access{link: true}
)

func anyOf(permissions ...string) access { return access{any: permissions} }

// route is one line of the table: what is served, to whom, and which schema its request document
// must match (none: it is read as it comes). A GET's document is its query, else its body.
type route struct {
	method string
	path   string
	access access
	schema string
	serve  gin.HandlerFunc
}

// routes is everything that is served under /api/v1, /hooks and beside them.
func (a *API) routes() []route {
	return slices.Concat(
		a.integrationRoutes(),
		a.recordRoutes(),
		a.hookRoutes(),
		a.loginRoutes(),
		a.workspaceRoutes(),
		a.userRoutes(),
		a.channelRoutes(),
		a.groupRoutes(),
		a.directRoutes(),
		a.roomRoutes(),
		a.messageRoutes(),
		a.teamRoutes(),
		a.fileRoutes(),
		a.serverRoutes(),
	)
}

// integrationRoutes are about integrations and their scripts.
func (a *API) integrationRoutes() []route {
	managers := anyOf(permissions.ManageOutgoing, permissions.ManageOwnOutgoing, permissions.ManageIncoming, permissions.ManageOwnIncoming)
	outgoing := anyOf(permissions.ManageOutgoing, permissions.ManageOwnOutgoing)
	return []route{
		{"POST", "/api/v1/integrations.create", loggedIn, "integrations.create", a.createIntegration},
		{"GET", "/api/v1/integrations.list", managers, "integrations.list", a.listIntegrations},
		{"GET", "/api/v1/integrations.get", loggedIn, "integrations.get", a.getIntegration},
		{"PUT", "/api/v1/integrations.update", loggedIn, "integrations.update", a.updateIntegration},
		{"POST", "/api/v1/integrations.remove", managers, "integrations.remove", a.removeIntegration},
		{"GET", "/api/v1/integrations.history", outgoing, "integrations.history", a.integrationHistory},
		{"POST", "/api/v1/integrations.clearHistory", loggedIn, "integrations.clearHistory", a.clearHistory},
		{"POST", "/api/v1/integrations.replayOutgoing", loggedIn, "integrations.replayOutgoing", a.replayOutgoing},
		{"GET", "/api/v1/integrations.lastRun", loggedIn, "integrations.get", a.lastRun},
		{"POST", "/api/v1/integrations.testScript", loggedIn, "integrations.testScript", a.testScript},
		{"GET", "/api/v1/integrations.options", loggedIn, "integrations.get", a.getOptions},
		{"PUT", "/api/v1/integrations.options", loggedIn, "options.change", a.setOptions},
		{"GET", "/api/v1/integrations.secret", loggedIn, "integrations.get", a.getSecret},
		{"POST", "/api/v1/integrations.rotateSecret", loggedIn, "integrations.rotateSecret", a.rotateSecret},
	}
}

// recordRoutes are about what was delivered and what came to hooks.
func (a *API) recordRoutes() []route {
	outgoing := anyOf(permissions.ManageOutgoing, permissions.ManageOwnOutgoing)
	incoming := anyOf(permissions.ManageIncoming, permissions.ManageOwnIncoming)
	return []route{
		{"GET", "/api/v1/deliveries", outgoing, "deliveries", a.listDeliveries},
		{"GET", "/api/v1/deliveries/:id", outgoing, "", a.getDelivery},
		{"POST", "/api/v1/deliveries/:id/replay", outgoing, "", a.replayDelivery},
		{"POST", "/api/v1/deliveries/:id/cancel", outgoing, "", a.cancelDelivery},
		{"POST", "/api/v1/deliveries/replay", outgoing, "deliveries.replay", a.replayDeliveries},
		{"GET", "/api/v1/requests", incoming, "requests", a.listRequests},
		{"GET", "/api/v1/requests/:id", incoming, "", a.getRequest},
		{"POST", "/api/v1/requests/:id/replay", incoming, "", a.replayRequest},
	}
}

// hookRoutes are what other services call.
func (a *API) hookRoutes() []route {
	return []route{
		{"GET", "/hooks/:integrationId/:token", anybody, "", a.hook},
		{"POST", "/hooks/:integrationId/:token", anybody, "", a.hook},
		{"GET", "/hooks/:integrationId/:token/:last", anybody, "", a.hook},
		{"POST", "/hooks/:integrationId/:token/:last", anybody, "", a.hook},
		{"GET", "/hooks/sample/:integrationId/:userId/:token", anybody, "", a.asHook(a.hookSample)},
		{"GET", "/hooks/info/:integrationId/:userId/:token", anybody, "", a.asHook(a.hookInfo)},
		{"POST", "/hooks/add/:integrationId/:userId/:token", anybody, "", a.asHook(a.hookAdd)},
		{"POST", "/hooks/remove/:integrationId/:userId/:token", anybody, "", a.asHook(a.hookRemove)},
	}
}

// loginRoutes let callers in and tell them who they are.
func (a *API) loginRoutes() []route {
	return []route{
		{"POST", "/api/v1/login", anybody, "login", a.login},
		{"POST", "/api/v1/logout", loggedIn, "", a.logout},
		{"GET", "/api/v1/logout", loggedIn, "", a.logout},
		{"GET", "/api/v1/me", loggedIn, "", a.me},
		{"GET", "/api/v1/sessions/list", loggedIn, "channels.list", a.listSessions},
		{"POST", "/api/v1/sessions/logout.me", loggedIn, "sessions.logout.me", a.logoutSession},
	}
}

// workspaceRoutes are about the workspace as a whole: its settings, permissions and roles.
func (a *API) workspaceRoutes() []route {
	return []route{
		{"GET", "/api/v1/info", anybody, "", a.info},
		{"GET", "/api/info", anybody, "", a.info},
		{"GET", "/api/v1/settings.public", anybody, "settings.list", a.publicSettings},
		{"GET", "/api/v1/settings", loggedIn, "settings.list", a.listSettings},
		{"GET", "/api/v1/settings/:_id", anyOf(permissions.ViewPrivilegedSetting), "", a.getSetting},
		{"POST", "/api/v1/settings/:_id", anyOf(permissions.EditPrivilegedSetting), "settings.change", a.changeSetting},
		{"GET", "/api/v1/permissions.listAll", loggedIn, "permissions.listAll", a.listPermissions},
		{"POST", "/api/v1/permissions.update", anyOf(permissions.AccessPermissions), "permissions.update", a.updatePermissions},
		{"GET", "/api/v1/roles.list", loggedIn, "", a.listRoles},
		{"POST", "/api/v1/roles.addUserToRole", loggedIn, "roles.addUserToRole", a.addUserToRole},
		{"POST", "/api/v1/roles.removeUserFromRole", loggedIn, "roles.removeUserFromRole", a.removeUserFromRole},
	}
}

// userRoutes are about users.
func (a *API) userRoutes() []route {
	return []route{
		{"POST", "/api/v1/users.create", loggedIn, "users.create", a.createUser},
		{"GET", "/api/v1/users.info", loggedIn, "users.info", a.userInfo},
		{"GET", "/api/v1/users.list", loggedIn, "users.list", a.listUsers},
		{"POST", "/api/v1/users.update", loggedIn, "users.update", a.updateUser},
		{"POST", "/api/v1/users.updateOwnBasicInfo", loggedIn, "users.updateOwnBasicInfo", a.updateSelf},
		{"POST", "/api/v1/users.setActiveStatus", loggedIn, "users.setActiveStatus", a.setActiveStatus},
		{"POST", "/api/v1/users.delete", anyOf(permissions.DeleteUser), "users.delete", a.deleteUser},
		{"POST", "/api/v1/users.createToken", loggedIn, "users.createToken", a.createToken},
		{"POST", "/api/v1/users.generatePersonalAccessToken", loggedIn, "users.personalAccessToken", a.generatePersonalToken},
		{"POST", "/api/v1/users.regeneratePersonalAccessToken", loggedIn, "users.personalAccessToken", a.regeneratePersonalToken},
		{"GET", "/api/v1/users.getPersonalAccessTokens", loggedIn, "", a.listPersonalTokens},
		{"POST", "/api/v1/users.removePersonalAccessToken", loggedIn, "users.personalAccessToken", a.removePersonalToken},
		{"POST", "/api/v1/users.logout", loggedIn, "users.logout", a.logoutUser},
		{"POST", "/api/v1/users.logoutOtherClients", loggedIn, "", a.logoutOtherClients},
		{"POST", "/api/v1/users.removeOtherTokens", loggedIn, "", a.removeOtherTokens},
	}
}

// channelRoutes are about rooms that all may see.
func (a *API) channelRoutes() []route {
	return []route{
		{"POST", "/api/v1/channels.create", loggedIn, "channels.create", a.createRoom(channels)},
		{"GET", "/api/v1/channels.info", loggedIn, "channels.info", a.roomInfo(channels)},
		{"GET", "/api/v1/channels.list", loggedIn, "channels.list", a.listRooms(channels)},
		{"GET", "/api/v1/channels.messages", loggedIn, "channels.messages", a.roomMessages(channels)},
		{"GET", "/api/v1/channels.members", loggedIn, "channels.members", a.roomMembers(channels)},
		{"POST", "/api/v1/channels.join", loggedIn, "channels.join", a.joinChannel},
		{"POST", "/api/v1/channels.invite", loggedIn, "channels.invite", a.inviteToRoom(channels)},
		{"POST", "/api/v1/channels.leave", loggedIn, "channels.leave", a.leaveRoom(channels)},
		{"POST", "/api/v1/channels.kick", loggedIn, "channels.kick", a.kickFromRoom(channels)},
		{"POST", "/api/v1/channels.archive", loggedIn, "channels.archive", a.archiveRoom(channels)},
		{"POST", "/api/v1/channels.unarchive", loggedIn, "channels.unarchive", a.unarchiveRoom(channels)},
		{"POST", "/api/v1/channels.rename", loggedIn, "channels.rename", a.changeRoom(channels, roomName)},
		{"POST", "/api/v1/channels.setTopic", loggedIn, "channels.setTopic", a.changeRoom(channels, roomTopic)},
		{"POST", "/api/v1/channels.setDescription", loggedIn, "channels.setDescription", a.changeRoom(channels, roomDescription)},
		{"POST", "/api/v1/channels.setReadOnly", loggedIn, "channels.setReadOnly", a.changeRoom(channels, roomReadOnly)},
		{"POST", "/api/v1/channels.setType", loggedIn, "channels.setType", a.changeRoom(channels, roomType)},
		{"POST", "/api/v1/channels.delete", loggedIn, "channels.delete", a.deleteRoom(channels)},
		{"GET", "/api/v1/channels.list.joined", loggedIn, "channels.list", a.listOwnRooms(channels)},
		{"GET", "/api/v1/channels.history", loggedIn, "channels.history", a.roomHistory(channels)},
	}
}

// groupRoutes are about rooms for those who were asked in.
func (a *API) groupRoutes() []route {
	return []route{
		{"POST", "/api/v1/groups.create", loggedIn, "groups.create", a.createRoom(groups)},
		{"GET", "/api/v1/groups.messages", loggedIn, "groups.messages", a.roomMessages(groups)},
		{"GET", "/api/v1/groups.members", loggedIn, "groups.members", a.roomMembers(groups)},
		{"POST", "/api/v1/groups.invite", loggedIn, "groups.invite", a.inviteToRoom(groups)},
		{"GET", "/api/v1/groups.info", loggedIn, "groups.info", a.roomInfo(groups)},
		{"GET", "/api/v1/groups.list", loggedIn, "groups.list", a.listRooms(groups)},
		{"POST", "/api/v1/groups.leave", loggedIn, "channels.leave", a.leaveRoom(groups)},
		{"POST", "/api/v1/groups.kick", loggedIn, "channels.kick", a.kickFromRoom(groups)},
		{"POST", "/api/v1/groups.archive", loggedIn, "channels.archive", a.archiveRoom(groups)},
		{"POST", "/api/v1/groups.unarchive", loggedIn, "channels.unarchive", a.unarchiveRoom(groups)},
		{"POST", "/api/v1/groups.rename", loggedIn, "channels.rename", a.changeRoom(groups, roomName)},
		{"POST", "/api/v1/groups.setTopic", loggedIn, "channels.setTopic", a.changeRoom(groups, roomTopic)},
		{"POST", "/api/v1/groups.setDescription", loggedIn, "channels.setDescription", a.changeRoom(groups, roomDescription)},
		{"POST", "/api/v1/groups.setReadOnly", loggedIn, "channels.setReadOnly", a.changeRoom(groups, roomReadOnly)},
		{"POST", "/api/v1/groups.setType", loggedIn, "channels.setType", a.changeRoom(groups, roomType)},
		{"POST", "/api/v1/groups.delete", loggedIn, "channels.delete", a.deleteRoom(groups)},
		{"GET", "/api/v1/groups.history", loggedIn, "channels.history", a.roomHistory(groups)},
	}
}

// directRoutes are about direct rooms, under both of their names.
func (a *API) directRoutes() []route {
	return []route{
		{"POST", "/api/v1/im.create", loggedIn, "im.create", a.createDirect},
		{"GET", "/api/v1/im.list", loggedIn, "channels.list", a.listOwnRooms(directs)},
		{"GET", "/api/v1/im.messages", loggedIn, "im.messages", a.directMessages()},
		{"GET", "/api/v1/im.history", loggedIn, "im.history", a.directHistory()},
		{"GET", "/api/v1/im.members", loggedIn, "im.members", a.directMembers()},
		{"POST", "/api/v1/dm.create", loggedIn, "im.create", a.createDirect},
		{"GET", "/api/v1/dm.list", loggedIn, "channels.list", a.listOwnRooms(directs)},
		{"GET", "/api/v1/dm.messages", loggedIn, "im.messages", a.directMessages()},
		{"GET", "/api/v1/dm.history", loggedIn, "im.history", a.directHistory()},
		{"GET", "/api/v1/dm.members", loggedIn, "im.members", a.directMembers()},
	}
}

// roomRoutes are about rooms of any type.
func (a *API) roomRoutes() []route {
	return []route{
		{"GET", "/api/v1/rooms.get", loggedIn, "permissions.listAll", a.getRooms},
		{"GET", "/api/v1/rooms.info", loggedIn, "groups.info", a.anyRoom},
		{"GET", "/api/v1/subscriptions.get", loggedIn, "permissions.listAll", a.getSubscriptions},
	}
}

// messageRoutes are about messages.
func (a *API) messageRoutes() []route {
	return []route{
		{"POST", "/api/v1/chat.postMessage", loggedIn, "chat.postMessage", a.postMessage},
		{"POST", "/api/v1/chat.sendMessage", loggedIn, "chat.sendMessage", a.sendMessage},
		{"POST", "/api/v1/chat.update", loggedIn, "chat.update", a.updateMessage},
		{"POST", "/api/v1/chat.delete", loggedIn, "chat.delete", a.deleteMessage},
		{"GET", "/api/v1/chat.getMessage", loggedIn, "chat.getMessage", a.getMessage},
		{"GET", "/api/v1/chat.getThreadMessages", loggedIn, "chat.getThreadMessages", a.threadMessages},
		{"POST", "/api/v1/chat.react", loggedIn, "chat.react", a.react},
	}
}

// teamRoutes are about teams.
func (a *API) teamRoutes() []route {
	return []route{
		{"POST", "/api/v1/teams.create", loggedIn, "teams.create", a.createTeam},
		{"POST", "/api/v1/teams.delete", loggedIn, "teams.delete", a.deleteTeam},
		{"GET", "/api/v1/teams.list", loggedIn, "channels.list", a.listTeams},
		{"GET", "/api/v1/teams.listAll", loggedIn, "channels.list", a.listAllTeams},
		{"GET", "/api/v1/teams.info", loggedIn, "teams.info", a.teamInfo},
		{"GET", "/api/v1/teams.members", loggedIn, "teams.members", a.teamMembers},
	}
}

// fileRoutes are about files.
func (a *API) fileRoutes() []route {
	return []route{
		{"POST", "/api/v1/rooms.upload/:rid", loggedIn, "", a.uploadFile},
		{"POST", "/api/v1/rooms.media/:rid", loggedIn, "", a.uploadMedia},
		{"POST", "/api/v1/rooms.mediaConfirm/:rid/:fileId", loggedIn, "rooms.mediaConfirm", a.confirmMedia},
		{"GET", "/file-upload/:id/:name", byLink, "", a.downloadFile},
		{"GET", "/avatar/:username", anybody, "", a.avatar},
	}
}

// serverRoutes are the server's own: probes, metrics and pages.
func (a *API) serverRoutes() []route {
	return []route{
		{"GET", "/livez", anybody, "", a.live},
		{"GET", "/readyz", anybody, "", a.ready},
		{"GET", "/metrics", anybody, "", a.metrics},
		{"GET", "/openapi.yaml", anybody, "", a.openAPI},
		{"GET", "/types/integration-script.d.ts", anybody, "", a.scriptTypes},
		{"GET", "/", anybody, "", a.home},
		{"GET", "/docs", anybody, "", a.docs},
		{"GET", "/docs/*file", anybody, "", a.docs},
	}
}
