package scripts

import "github.com/grapnel-chat/grapnel/scripts/internal/wire"

// Limits bound one call. Their settings are named in what an author reads when one is reached; Wait
// has none, for it is no limit of the script's.
type Limits = wire.Limits

// DefaultLimits suit a server that many authors share.
func DefaultLimits() Limits { return wire.DefaultLimits() }
