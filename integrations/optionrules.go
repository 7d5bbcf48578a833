package integrations

import (
	"crypto/x509"
	"encoding/pem"
	"math"
	"strings"
)

// OptionError is an option that cannot be: which one, and what would be right.
type OptionError struct {
	Member string // "limits.rate"
	Want   string // "has to be …"
}

// Error names the member and what would be right.
func (e *OptionError) Error() string { return e.Member + " " + e.Want }

// optionBounds are the options that are numbers, as the wire has them.
var optionBounds = []struct {
	member      string
	least, most float64
	whole       bool
	want        string
	of          func(o Options) float64 // zero: it is not set
}{
	{"retry.attempts", 1, 100, true, "has to be a whole number of attempts from 1 to 100", func(o Options) float64 { return retryOf(o, func(r Retry) float64 { return float64(r.Attempts) }) }},
	{"retry.first", 1, 86_400, false, "has to be a number of seconds from 1 to 86400", func(o Options) float64 { return retryOf(o, func(r Retry) float64 { return r.First.Seconds() }) }},
	{"retry.longest", 1, 2_592_000, false, "has to be a number of seconds from 1 to 2592000", func(o Options) float64 { return retryOf(o, func(r Retry) float64 { return r.Longest.Seconds() }) }},
	{"limits.rate", 0.001, 100_000, false, "has to be a number of calls in a second from 0.001 to 100000, or null", func(o Options) float64 { return o.Limits.Rate }},
	{"limits.burst", 1, 100_000, true, "has to be a whole number of calls from 1 to 100000, or null", func(o Options) float64 { return float64(o.Limits.Burst) }},
	{"limits.concurrency", 1, 1000, true, "has to be a whole number of calls at once from 1 to 1000, or null", func(o Options) float64 { return float64(o.Limits.Concurrency) }},
	{"limits.body", 1, 1 << 30, true, "has to be a whole number of bytes from 1 to 1073741824, or null", func(o Options) float64 { return float64(o.Limits.Body) }},
	{"log.age", 0.01, 3650, false, "has to be a number of days from 0.01 to 3650, or null", func(o Options) float64 { return o.Log.Age.Hours() / 24 }},
	{"log.entries", 1, 10_000_000, true, "has to be a whole number of entries from 1 to 10000000, or null", func(o Options) float64 { return float64(o.Log.Entries) }},
	{"log.bytes", 1, 1 << 40, true, "has to be a whole number of bytes from 1 to 1099511627776, or null", func(o Options) float64 { return float64(o.Log.Bytes) }},
}

func retryOf(o Options, member func(Retry) float64) float64 {
	if o.Retry == nil {
		return 0
	}
	return member(*o.Retry)
}

// CheckOption refuses a number that the option of that name cannot be. Its error is an *OptionError.
func CheckOption(member string, value float64) error {
	for _, b := range optionBounds {
		if b.member == member && (!(value >= b.least && value <= b.most) || b.whole && value != math.Trunc(value)) {
			return &OptionError{b.member, b.want}
		}
	}
	return nil
}

// check refuses options that cannot be, or not for an integration of that kind.
func (o Options) check(kind Kind) error {
	for _, b := range optionBounds {
		if value := b.of(o); value != 0 {
			if err := CheckOption(b.member, value); err != nil {
				return err
			}
		}
	}
	switch {
	case o.Policy != "" && o.Policy != PolicyGrapnel && o.Policy != PolicyRocketChat:
		return &OptionError{"policy", `has to be "grapnel", "rocketchat" or null`}
	case o.Retry != nil && (o.Retry.Attempts == 0 || o.Retry.First == 0 || o.Retry.Longest < o.Retry.First):
		return &OptionError{"retry", "has to have attempts, first and longest, and longest may not be less than first"}
	case o.Limits.Burst != 0 && o.Limits.Rate == 0:
		return &OptionError{"limits.burst", "is of no use without limits.rate: send both"}
	}
	if err := checkAuthorities(o.TLS.CA); err != nil {
		return err
	}
	return o.checkKind(kind)
}

// checkKind refuses what integrations of a kind have no use for.
func (o Options) checkKind(kind Kind) error {
	if kind == Outgoing {
		if o.Limits.Body != 0 {
			return &OptionError{"limits.body", "is of incoming integrations alone; this one is outgoing"}
		}
		return nil
	}
	of := "is of outgoing integrations alone; this one is incoming"
	switch {
	case o.Policy != "":
		return &OptionError{"policy", of}
	case o.Retry != nil:
		return &OptionError{"retry", of}
	case o.Ordered:
		return &OptionError{"order", of}
	case o.TLS != TLS{}:
		return &OptionError{"tls", of}
	}
	return nil
}

// mostAuthorities bounds what is read at each start and held in memory.
const mostAuthorities = 64 << 10

// checkAuthorities refuses a text that does not consist of certificates. A private key that was
// copied along would be shown to whoever may read the options.
func checkAuthorities(text string) error {
	rest := []byte(strings.TrimSpace(text))
	if len(rest) > mostAuthorities {
		return &OptionError{"tls.ca", "has to be at most 65536 bytes of certificates"}
	}
	for len(rest) > 0 {
		var block *pem.Block
		block, rest = pem.Decode(rest)
		if block == nil || block.Type != "CERTIFICATE" {
			return &OptionError{"tls.ca", `has to be certificates in PEM alone, each from "-----BEGIN CERTIFICATE-----" to "-----END CERTIFICATE-----"`}
		}
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			return &OptionError{"tls.ca", "holds a certificate that cannot be read: " + err.Error()}
		}
	}
	return nil
}
