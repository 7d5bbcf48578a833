package outbound

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
)

// loopback is the rule that also names stand for: localhost and those below it.
const loopback = "loopback"

// rules names the address ranges that are not the public Internet. The first that fits counts.
var rules = []struct {
	name     string
	prefixes []netip.Prefix
}{
	// Addresses at which clouds hand credentials to whoever asks from inside: the common one,
	// AWS (IPv6, ECS), Alibaba, Oracle, Azure.
	{"metadata", ranges("169.254.169.254/32", "fd00:ec2::254/128", "169.254.170.2/32", "100.100.100.200/32",
		"192.0.0.192/32", "168.63.129.16/32")},
	{loopback, ranges("127.0.0.0/8", "::1/128")},
	{"unspecified", ranges("0.0.0.0/8", "::/128")},
	{"private", ranges("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10", "64:ff9b:1::/48")},
	{"carrier-grade NAT", ranges("100.64.0.0/10")},
	{"link-local", ranges("169.254.0.0/16", "fe80::/10")},
	{"multicast", ranges("224.0.0.0/4", "ff00::/8")},
	{"broadcast", ranges("255.255.255.255/32")},
	{"reserved", ranges("192.0.0.0/24", "198.18.0.0/15", "240.0.0.0/4")},
}

// embeddings are the IPv6 ranges whose addresses lead to an IPv4 address that they contain.
var embeddings = []struct {
	prefix netip.Prefix
	at     int  // where in the 16 bytes the IPv4 address stands
	mask   byte // Teredo inverts its bits
}{
	{netip.MustParsePrefix("64:ff9b::/96"), 12, 0},    // NAT64
	{netip.MustParsePrefix("2002::/16"), 2, 0},        // 6to4
	{netip.MustParsePrefix("2001::/32"), 12, 0xff},    // Teredo
	{netip.MustParsePrefix("::ffff:0:0:0/96"), 12, 0}, // SIIT
	{netip.MustParsePrefix("::/96"), 12, 0},           // IPv4-compatible, long deprecated
}

func ranges(texts ...string) []netip.Prefix {
	prefixes := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		prefixes[i] = netip.MustParsePrefix(text)
	}
	return prefixes
}

// Check refuses a host, as url.URL.Hostname gives it, of which the name alone shows that no call
// to it may be made: a literal address, localhost, a cloud's metadata name. It asks no name
// server, so a host that passes can still be refused by Do. Its error is a *RefusedError.
func (c *Client) Check(host string) error {
	if addr, ok := parseAddr(host); ok {
		return c.allow.check(host, addr)
	}
	rule := ruleOfName(hostName(host))
	if rule == "" || c.allow.permitsHost(host) || rule == loopback && c.allow.permitsLoopback() {
		return nil
	}
	return &RefusedError{Host: host, Rule: rule}
}

// CheckURL refuses a URL that no call may be made to as things are: by its host, or by where that
// resolves to at this moment. What cannot be told now passes, such as a name that does not resolve
// yet or a text that is no URL, as Do judges each call anew. Its error is a *RefusedError.
func (c *Client) CheckURL(ctx context.Context, text string) error {
	u, err := url.Parse(text)
	if err != nil || !callable(u) {
		return nil //nolint:nilerr // Do says so of each call
	}
	host := u.Hostname()
	if err := c.Check(host); err != nil || c.allow.permitsHost(host) {
		return err
	}
	addresses, err := c.resolve(ctx, host)
	if err != nil {
		return nil //nolint:nilerr // it may resolve once there is something to call
	}
	var refusal error
	for _, addr := range addresses {
		if refusal = c.allow.check(host, addr); refusal == nil {
			return nil // one that may be called is enough
		}
	}
	return refusal
}

// checkBehindProxy judges a host that the proxy will connect to: each address that it may lead to,
// as the proxy resolves the name again and takes any of them. A host that the operator named is the
// proxy's business alone, so it need not resolve here.
func (c *Client) checkBehindProxy(ctx context.Context, host string) error {
	if err := c.Check(host); err != nil || c.allow.permitsHost(host) {
		return err
	}
	addresses, err := c.resolve(ctx, host)
	if err != nil {
		return err
	}
	for _, addr := range addresses {
		if err := c.allow.check(host, addr); err != nil {
			return err
		}
	}
	return nil
}

// resolve answers at least one address.
func (c *Client) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if addr, ok := parseAddr(host); ok {
		return []netip.Addr{addr}, nil
	}
	resolver := c.dialer.Resolver
	if resolver == nil {
		resolver = net.DefaultResolver
	}
	return resolver.LookupNetIP(ctx, "ip", hostName(host))
}

// dial connects to a host at an address that the rules permit. Judging inside Control, where the
// address is the one about to be used, means that a name can't resolve to one address for the
// rules and to another for the connection.
func (c *Client) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, ErrInvalidURL
	}
	d := c.dialer
	d.Control = func(_, resolved string, _ syscall.RawConn) error {
		target, err := netip.ParseAddrPort(resolved)
		if err != nil {
			return &RefusedError{Host: host, Address: resolved, Rule: "unknown"}
		}
		return c.allow.check(host, target.Addr())
	}
	return d.DialContext(ctx, network, address)
}

// check refuses an address that a rule names, unless the operator permits it. An address that
// contains another is judged as the one it leads to.
func (a Allow) check(host string, addr netip.Addr) error {
	addr = addr.Unmap().WithZone("")
	target := contained(addr)
	rule := ruleOf(target)
	if rule == "" || a.permits(host, addr) || a.permitsAddr(target) {
		return nil
	}
	return &RefusedError{Host: host, Address: addr.String(), Rule: rule}
}

// contained gives the IPv4 address inside an IPv6 one, or the address itself.
func contained(addr netip.Addr) netip.Addr {
	if !addr.Is6() || ruleOf(addr) != "" {
		return addr
	}
	for _, e := range embeddings {
		if e.prefix.Contains(addr) {
			bytes := addr.As16()
			var v4 [4]byte
			for i := range v4 {
				v4[i] = bytes[e.at+i] ^ e.mask
			}
			return netip.AddrFrom4(v4)
		}
	}
	return addr
}

// ruleOf names the rule that keeps an address from being called, or nothing for a public one.
func ruleOf(addr netip.Addr) string {
	for _, r := range rules {
		for _, p := range r.prefixes {
			if p.Contains(addr) {
				return r.name
			}
		}
	}
	return ""
}

func ruleOfName(host string) string {
	switch {
	case host == "localhost", strings.HasSuffix(host, ".localhost"):
		return loopback
	case host == "metadata.google.internal", host == "metadata.goog":
		return "metadata"
	default:
		return ""
	}
}
