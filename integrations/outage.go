package integrations

import "time"

// Outage is a lane whose calls have failed since a time, without one success.
type Outage struct {
	Lane          string
	IntegrationID string
	URL           string
	Since         time.Time // of the first call that failed
	LastError     string    // why, in words that hold no secret
	Told          time.Time // when people were told; zero: not yet
}
