package outbound

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// Allow says which private addresses may be called. Public ones always may. Its zero value
// permits nothing more.
type Allow struct {
	all      bool
	hosts    []string
	prefixes []netip.Prefix
}

// ParseAllow reads the setting OUTGOING_ALLOW: host names, IP addresses and CIDRs, separated by
// commas, or * for everything. A host name permits whatever it resolves to, and only that name,
// not the ones below it.
func ParseAllow(text string) (Allow, error) {
	var a Allow
	for entry := range strings.SplitSeq(text, ",") {
		entry = strings.TrimSpace(entry)
		if entry == "" {
			continue
		}
		if err := a.add(entry); err != nil {
			return Allow{}, err
		}
	}
	return a, nil
}

func (a *Allow) add(entry string) error {
	if entry == "*" {
		a.all = true
		return nil
	}
	if prefix, ok := parsePrefix(entry); ok {
		a.prefixes = append(a.prefixes, prefix)
		return nil
	}
	if host := hostName(entry); validHost(host) {
		a.hosts = append(a.hosts, host)
		return nil
	}
	return fmt.Errorf("%q is not an entry: write a host name (no port, no URL), an IP address, "+
		"a CIDR such as 10.1.0.0/16, or * for everything, separated by commas", entry)
}

// PermitsHost says whether a host may be called whatever it resolves to.
func (a Allow) PermitsHost(host string) bool { return a.permitsHost(host) }

// permits says whether the host, as the URL has it, may be called at the address.
func (a Allow) permits(host string, addr netip.Addr) bool {
	return a.permitsHost(host) || a.permitsAddr(addr)
}

func (a Allow) permitsHost(host string) bool {
	return a.all || slices.Contains(a.hosts, hostName(host))
}

func (a Allow) permitsAddr(addr netip.Addr) bool {
	return a.all || slices.ContainsFunc(a.prefixes, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// permitsLoopback says whether a name for this machine may lead to where it does.
func (a Allow) permitsLoopback() bool {
	return a.permitsAddr(netip.AddrFrom4([4]byte{127, 0, 0, 1})) || a.permitsAddr(netip.IPv6Loopback())
}

// parsePrefix reads a CIDR or a single address, IPv6 also in brackets.
func parsePrefix(entry string) (netip.Prefix, bool) {
	if _, zone, _ := strings.Cut(entry, "%"); strings.Contains(zone, "*") {
		return netip.Prefix{}, false // netip takes any text for a zone, and * means more than one address
	}
	if addr, ok := parseAddr(entry); ok {
		return netip.PrefixFrom(addr, addr.BitLen()), true
	}
	prefix, err := netip.ParsePrefix(entry)
	if err != nil {
		return netip.Prefix{}, false
	}
	if prefix.Addr().Is4In6() && prefix.Bits() >= 96 {
		prefix = netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-96)
	}
	return prefix.Masked(), true
}

func parseAddr(text string) (netip.Addr, bool) {
	if strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") {
		text = text[1 : len(text)-1]
	}
	addr, err := netip.ParseAddr(text)
	return addr.Unmap().WithZone(""), err == nil
}

// hostName gives the one spelling of a name that comparisons use: lower case, without the final
// dot, in the ASCII form that goes to the name server.
func hostName(name string) string {
	name = strings.TrimSuffix(name, ".")
	for i := range len(name) {
		if name[i] >= utf8.RuneSelf {
			if ascii, err := idna.Lookup.ToASCII(name); err == nil {
				return ascii
			}
			break
		}
	}
	return strings.ToLower(name)
}

// validHost also tells a name from a mistyped address: no name ends in a number.
func validHost(host string) bool {
	labels := strings.Split(host, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	last := labels[len(labels)-1]
	return len(host) <= 253 && strings.Trim(last, "0123456789") != ""
}
