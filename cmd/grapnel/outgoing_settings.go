package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/grapnel-chat/grapnel/outbound"
)

// outgoingSettings say how calls to other services are made.
type outgoingSettings struct {
	OutgoingProxy   string      `name:"outgoing-proxy" env:"OUTGOING_PROXY" placeholder:"URL" help:"HTTP proxy that calls to other services leave by, such as http://proxy.example:3128. Default: none."`
	OutgoingNoProxy string      `name:"outgoing-no-proxy" env:"OUTGOING_NO_PROXY" placeholder:"HOSTS" help:"With a proxy: hosts, domains (.example.com), addresses and networks that are called directly, separated by commas."`
	OutgoingCAFile  authorities `name:"outgoing-ca-file" env:"OUTGOING_CA_FILE" placeholder:"FILE" help:"Certificates in PEM of authorities that may vouch for other services, beside those that the system trusts."`
	OutgoingTimeout duration    `name:"outgoing-timeout" env:"OUTGOING_TIMEOUT" default:"20s" help:"Longest call to another service that asks for no time of its own."`
	OutgoingAnswer  size        `name:"outgoing-max-answer" env:"OUTGOING_MAX_ANSWER" default:"10 MB" help:"Largest body of another service's answer."`
}

// longestCall is what the timeout of a call may be. An attempt of a delivery has to end before its
// claim does, scripts included.
const longestCall = time.Minute

// Validate refuses what cannot be.
func (s *outgoingSettings) Validate() error {
	if _, err := outbound.ParseProxy(s.OutgoingProxy, s.OutgoingNoProxy); err != nil {
		return fmt.Errorf("--outgoing-proxy: %w", err)
	}
	switch {
	case s.OutgoingNoProxy != "" && s.OutgoingProxy == "":
		return errors.New("--outgoing-no-proxy: there is no proxy: name one with --outgoing-proxy")
	case s.OutgoingTimeout.Duration < 100*time.Millisecond || s.OutgoingTimeout.Duration > longestCall:
		return fmt.Errorf("--outgoing-timeout: %s cannot be: use a duration from 100ms to 1m", s.OutgoingTimeout)
	default:
		return nil
	}
}

// client makes the calls of deliveries and scripts.
func (s *outgoingSettings) client(allow allowList) *outbound.Client {
	proxy, _ := outbound.ParseProxy(s.OutgoingProxy, s.OutgoingNoProxy) // Validate has seen to it
	return outbound.New(outbound.Config{
		Allow: allow.Allow, Proxy: proxy, Authorities: s.OutgoingCAFile.Authorities,
		Timeout: s.OutgoingTimeout.Duration, MaxTimeout: longestCall, MaxBody: int64(s.OutgoingAnswer),
	})
}

type authorities struct{ outbound.Authorities }

// UnmarshalText reads the file of that name.
func (a *authorities) UnmarshalText(name []byte) error {
	if len(name) == 0 {
		return nil
	}
	text, err := os.ReadFile(string(name))
	if err != nil {
		return err
	}
	if a.Authorities, err = outbound.ParseAuthorities(text); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
