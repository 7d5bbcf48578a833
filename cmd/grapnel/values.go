package main

import (
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/outbound"
)

// The types of settings. Each says what is allowed when a value is not.

type port uint16

// UnmarshalText reads a port number.
func (p *port) UnmarshalText(text []byte) error {
	n, err := strconv.ParseUint(string(text), 10, 16)
	if err != nil {
		return fmt.Errorf("%q is no port: use a number from 0 (any free port) to 65535", text)
	}
	*p = port(n)
	return nil
}

type level int

// UnmarshalText reads a compatibility level.
func (l *level) UnmarshalText(text []byte) error {
	switch string(text) {
	case "7":
		*l = 7
	case "8":
		*l = 8
	default:
		return fmt.Errorf("%q is not known: use 7 or 8", text)
	}
	return nil
}

type proxies int

// UnmarshalText reads a number of proxies.
func (p *proxies) UnmarshalText(text []byte) error {
	n, err := strconv.Atoi(string(text))
	if err != nil || n < 0 || n > 20 {
		return fmt.Errorf("%q proxies cannot be: use a number from 0 to 20", text)
	}
	*p = proxies(n)
	return nil
}

type address string

// UnmarshalText reads an IP address.
func (a *address) UnmarshalText(text []byte) error {
	if _, err := netip.ParseAddr(string(text)); err != nil {
		return fmt.Errorf("%q is no IP address: use one such as 127.0.0.1, or 0.0.0.0 for all", text)
	}
	*a = address(text)
	return nil
}

type rootURL string

// sitePath is what a path in a ROOT_URL is made of.
var sitePath = regexp.MustCompile(`^[A-Za-z0-9._~/-]*$`)

// UnmarshalText reads a URL without query.
func (r *rootURL) UnmarshalText(text []byte) error {
	u, err := url.Parse(string(text))
	plain := err == nil && u.RawQuery == "" && u.Fragment == "" && u.User == nil && sitePath.MatchString(u.Path)
	if !plain || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("%q is no URL of a site: use one such as https://chat.example.com or https://example.com/chat", text)
	}
	*r = rootURL(strings.TrimRight(string(text), "/"))
	return nil
}

// prefix is the path in the URL, without a slash at the end.
func (r rootURL) prefix() string {
	u, err := url.Parse(string(r))
	if err != nil || u.Path == "" {
		return ""
	}
	return strings.TrimRight(path.Clean(u.Path), "/")
}

type duration struct{ time.Duration }

// UnmarshalText reads a duration with its unit.
func (d *duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%q is no duration: use a number with its unit, such as 500ms or 3s", text)
	}
	d.Duration = parsed
	return nil
}

type size int64

var units = []struct {
	name  string
	bytes int64
}{{"GB", 1 << 30}, {"MB", 1 << 20}, {"KB", 1 << 10}, {"B", 1}, {"", 1}}

// UnmarshalText reads a number of bytes, or one with a unit of 1024.
func (s *size) UnmarshalText(text []byte) error {
	upper := strings.ToUpper(strings.TrimSpace(string(text)))
	for _, unit := range units {
		digits, ok := strings.CutSuffix(upper, unit.name)
		n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
		if ok && err == nil && n > 0 && n <= (1<<50)/unit.bytes {
			*s = size(n * unit.bytes)
			return nil
		}
	}
	return fmt.Errorf("%q is no size: use bytes or a unit, such as 65536, 64 KB or 10 MB", text)
}

type allowList struct{ outbound.Allow }

// UnmarshalText reads hosts and networks.
func (a *allowList) UnmarshalText(text []byte) error {
	allow, err := outbound.ParseAllow(string(text))
	a.Allow = allow
	return err
}

// engines says which script engines something applies to: none, all, or one by name.
type engines string

// UnmarshalText reads upstream's values.
func (e *engines) UnmarshalText(text []byte) error {
	switch value := strings.ToLower(string(text)); value {
	case "", "no", "false", "vm2": // vm2 is an engine that is not here
		*e = ""
	case "yes", "true":
		*e = "all"
	case "ivm":
		*e = "ivm"
	default:
		return fmt.Errorf("%q is not known: use yes, true or ivm, or no or false", text)
	}
	return nil
}

func (e engines) off() bool { return e != "" }

func (e engines) freeze() integrations.Freeze {
	switch e {
	case "all":
		return integrations.AllFrozen
	case "ivm":
		return integrations.EngineFrozen
	default:
		return integrations.NotFrozen
	}
}

type logLevel struct{ slog.Level }

// UnmarshalText reads a level's name.
func (l *logLevel) UnmarshalText(text []byte) error {
	if err := l.Level.UnmarshalText(text); err != nil {
		return fmt.Errorf("%q is no log level: use debug, info, warn or error", text)
	}
	return nil
}
