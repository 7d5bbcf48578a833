package integrations

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// Lane is what waits for one URL of one integration. Its name is fixed when a delivery is planned, so
// a delivery whose script sends it elsewhere stays in the lane of the planned URL.
type Lane struct {
	IntegrationID string
	Receiver      string // stands for the URL; lanes to the same one have it in common
	Ordered       bool   // one delivery after the other
}

// LaneTo answers the lane of an integration's deliveries to a URL.
func LaneTo(integrationID, url string, ordered bool) Lane {
	return Lane{IntegrationID: integrationID, Receiver: receiverOf(url), Ordered: ordered}
}

// laneOf answers the lane of an integration's deliveries to a URL. A script may send each of them
// elsewhere, so what becomes of those says nothing about the calls of others to that URL.
func laneOf(i Integration, url string, ordered bool) Lane {
	l := LaneTo(i.ID, url, ordered)
	if i.ScriptEnabled {
		l.Receiver = receiverOf(i.ID + " " + url)
	}
	return l
}

// receiverOf is a short name of a URL. It is no secret of the URL's: who knows the name cannot tell
// what the URL holds.
func receiverOf(url string) string {
	sum := sha256.Sum256([]byte(url))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

const inOrder = "/ordered"

// String is the name of the lane, as a store keeps it.
func (l Lane) String() string {
	name := l.IntegrationID + "/" + l.Receiver
	if l.Ordered {
		name += inOrder
	}
	return name
}

// ReadLane reads the name of a lane. One that is none is a lane of its own, without an integration.
func ReadLane(name string) Lane {
	rest, ordered := strings.CutSuffix(name, inOrder)
	id, receiver, found := strings.Cut(rest, "/")
	if !found {
		return Lane{Receiver: rest, Ordered: ordered}
	}
	return Lane{IntegrationID: id, Receiver: receiver, Ordered: ordered}
}
