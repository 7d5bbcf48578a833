package api

import "github.com/grapnel-chat/grapnel/integrations"

// refusal is a rule that an operation broke; without an operation it stands for the others.
type refusal struct {
	operation integrations.Operation
	err       error
}

func method(name string) map[string]string   { return map[string]string{"method": name} }
func function(name string) map[string]string { return map[string]string{"function": name} }

// The places that upstream names in the details of its errors.
var (
	addIncoming    = method("addIncomingIntegration")
	updateIncoming = method("updateIncomingIntegration")
	checkOutgoing  = function("validateOutgoing")
	checkFields    = function("validateOutgoing._verifyRequiredFields")
	checkChannels  = function("validateOutgoing._verifyUserHasPermissionForChannels")
)

// refusals word the rules for integrations, each as upstream words it at that place.
var refusals = map[refusal]wording{
	{integrations.AddIncoming, integrations.ErrNotAuthorized}: {code: "not_authorized", reason: "Unauthorized", details: addIncoming},
	{integrations.AddIncoming, integrations.ErrChannelBlank}:  {code: "error-invalid-channel", reason: "Invalid channel", details: addIncoming},
	{integrations.AddIncoming, integrations.ErrUsernameBlank}: {code: "error-invalid-username", reason: "Invalid username", details: addIncoming},
	{integrations.AddIncoming, integrations.ErrUnknownUser}:   {code: "error-invalid-user", reason: "Invalid user", details: addIncoming},
	{integrations.AddIncoming, integrations.ErrImpersonation}: {code: "error-user-lacks-message-impersonate-permission", reason: lacksImpersonate, details: addIncoming},
	{integrations.AddIncoming, integrations.ErrUnknownRoom}:   {code: "error-invalid-room", reason: "Invalid room", details: addIncoming},
	{integrations.AddIncoming, integrations.ErrNotInRoom}:     {code: "error-invalid-channel", reason: "Invalid Channel", details: addIncoming},
	{integrations.AddIncoming, integrations.ErrScriptsFrozen}: {reason: "integration-scripts-disabled"},
	{integrations.AddIncoming, integrations.ErrEngineFrozen}:  {reason: "integration-scripts-isolated-vm-disabled"},

	{integrations.UpdateIncoming, integrations.ErrNotAuthorized}: {code: "not_authorized", reason: "Unauthorized", details: updateIncoming},
	{integrations.UpdateIncoming, integrations.ErrNotYours}:      {code: "error-invalid-integration", reason: "Invalid integration", details: updateIncoming},
	{integrations.UpdateIncoming, integrations.ErrChannelBlank}:  {code: "error-invalid-channel", reason: "Invalid channel", details: updateIncoming},
	{integrations.UpdateIncoming, integrations.ErrChannelStart}:  {code: "error-invalid-channel-start-with-chars", reason: startWith, details: updateIncoming},
	{integrations.UpdateIncoming, integrations.ErrUnknownUser}:   {code: "error-invalid-post-as-user", reason: "Invalid Post As User", details: updateIncoming},
	{integrations.UpdateIncoming, integrations.ErrImpersonation}: {code: "error-user-lacks-message-impersonate-permission", reason: lacksImpersonate, details: updateIncoming},
	{integrations.UpdateIncoming, integrations.ErrUnknownRoom}:   {code: "error-invalid-room", reason: "Invalid room", details: updateIncoming},
	{integrations.UpdateIncoming, integrations.ErrNotInRoom}:     {code: "error-invalid-channel", reason: "Invalid Channel", details: updateIncoming},

	{integrations.RemoveIncoming, integrations.ErrNotAuthorized}: {code: "not_authorized", reason: "Unauthorized", details: method("deleteIncomingIntegration")},
	{integrations.RemoveIncoming, integrations.ErrNotYours}:      {code: "error-invalid-integration", reason: "Invalid integration", details: method("deleteIncomingIntegration")},
	{integrations.RemoveOutgoing, integrations.ErrNotAuthorized}: {code: "not_authorized", reason: "Unauthorized", details: method("deleteOutgoingIntegration")},
	{integrations.RemoveOutgoing, integrations.ErrNotYours}:      {code: "error-invalid-integration", reason: "Invalid integration", details: method("deleteOutgoingIntegration")},

	{integrations.AddOutgoing, integrations.ErrNotAuthorized}:     {code: "not_authorized"},
	{integrations.AddOutgoing, integrations.ErrScriptsFrozen}:     {reason: "integration-scripts-disabled"},
	{integrations.AddOutgoing, integrations.ErrEngineFrozen}:      {reason: "integration-scripts-isolated-vm-disabled"},
	{integrations.CheckOutgoing, integrations.ErrEvent}:           {code: "error-invalid-event-type", reason: "Invalid event type", details: checkFields},
	{integrations.CheckOutgoing, integrations.ErrUsernameBlank}:   {code: "error-invalid-username", reason: "Invalid username", details: checkFields},
	{integrations.CheckOutgoing, integrations.ErrTargetRoom}:      {code: "error-invalid-targetRoom", reason: "Invalid Target Room", details: checkFields},
	{integrations.CheckOutgoing, integrations.ErrURLs}:            {code: "error-invalid-urls", reason: "Invalid URLs", details: checkFields},
	{integrations.CheckOutgoing, integrations.ErrChannelMissing}:  {code: "error-invalid-channel", reason: "Invalid Channel", details: checkOutgoing},
	{integrations.CheckOutgoing, integrations.ErrChannelStart}:    {code: "error-invalid-channel-start-with-chars", reason: startWith, details: checkOutgoing},
	{integrations.CheckOutgoing, integrations.ErrEventPermission}: {code: "error-invalid-permissions", reason: "Invalid permission for required Integration creation.", details: checkOutgoing},
	{integrations.CheckOutgoing, integrations.ErrUnknownUser}:     {code: "error-invalid-user", reason: "Invalid user (did you delete the `rocket.cat` user?)", details: checkOutgoing},
	{integrations.CheckOutgoing, integrations.ErrScopedChannel}:   {code: "error-invalid-channel", reason: "Invalid Channel", details: checkChannels},
	{integrations.CheckOutgoing, integrations.ErrUnknownRoom}:     {code: "error-invalid-room", reason: "Invalid room", details: checkChannels},
	{integrations.CheckOutgoing, integrations.ErrNotInRoom}:       {code: "error-invalid-channel", reason: "Invalid Channel", details: checkChannels},
	{integrations.UpdateOutgoing, integrations.ErrTokenBlank}:     {code: "error-invalid-token", reason: "Invalid token", details: method("updateOutgoingIntegration")},
	{integrations.UpdateOutgoing, integrations.ErrNotAuthorized}:  {code: "not_authorized", reason: "Unauthorized", details: method("updateOutgoingIntegration")},
	{integrations.UpdateOutgoing, integrations.ErrNotYours}:       {code: "invalid_integration", reason: "[methods] updateOutgoingIntegration -> integration not found"},
	{integrations.ClearHistory, integrations.ErrNotAuthorized}:    {code: "not_authorized", reason: "Unauthorized", details: method("clearIntegrationHistory")},
	{integrations.ClearHistory, integrations.ErrNotYours}:         {code: "error-invalid-integration", reason: "Invalid integration", details: method("clearIntegrationHistory")},
	{integrations.ReplayOutgoing, integrations.ErrNotAuthorized}:  {code: "not_authorized", reason: "Unauthorized", details: method("replayOutgoingIntegration")},
	{integrations.ReplayOutgoing, integrations.ErrNotYours}:       {code: "error-invalid-integration", reason: "Invalid integration", details: method("replayOutgoingIntegration")},
	{integrations.ReplayOutgoing, integrations.ErrUnknownHistory}: {code: "error-invalid-integration-history", reason: "Invalid Integration History", details: method("replayOutgoingIntegration")},

	// While scripts are frozen, updates of either kind answer the bare code.
	{"", integrations.ErrScriptsFrozen}: {code: "integration-scripts-disabled"},
	{"", integrations.ErrEngineFrozen}:  {code: "integration-scripts-isolated-vm-disabled"},
}

const (
	startWith        = "Invalid channel. Start with @ or #"
	lacksImpersonate = "User selected for the incoming integration lacks the 'message-impersonate' permission."
)
