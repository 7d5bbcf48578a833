package outbound

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
)

func TestAddressRules(t *testing.T) {
	tests := []struct{ addr, want string }{
		{"8.8.8.8", ""},
		{"1.1.1.1", ""},
		{"2606:4700:4700::1111", ""},
		{"192.0.2.1", ""},   // documentation
		{"2001:db8::1", ""}, // documentation

		{"127.0.0.1", "loopback"},
		{"127.255.255.254", "loopback"},
		{"::1", "loopback"},
		{"0.0.0.0", "unspecified"},
		{"0.1.2.3", "unspecified"},
		{"::", "unspecified"},

		{"10.0.0.1", "private"},
		{"172.15.255.255", ""},
		{"172.16.0.1", "private"},
		{"172.31.255.255", "private"},
		{"172.32.0.0", ""},
		{"192.168.1.1", "private"},
		{"fc00::1", "private"},
		{"fdff::1", "private"},
		{"fec0::1", "private"},
		{"100.63.255.255", ""},
		{"100.64.0.1", "carrier-grade NAT"},
		{"100.127.255.255", "carrier-grade NAT"},
		{"100.128.0.0", ""},

		{"169.254.1.1", "link-local"},
		{"fe80::1", "link-local"},
		{"fe80::1%eth0", "link-local"},
		{"febf::1", "link-local"},
		{"169.254.169.254", "metadata"},
		{"169.254.170.2", "metadata"},
		{"fd00:ec2::254", "metadata"},
		{"100.100.100.200", "metadata"},
		{"168.63.129.16", "metadata"},

		{"224.0.0.1", "multicast"},
		{"239.255.255.255", "multicast"},
		{"ff02::1", "multicast"},
		{"255.255.255.255", "broadcast"},
		{"240.0.0.1", "reserved"},
		{"192.0.0.8", "reserved"},
		{"198.18.0.1", "reserved"},

		{"::ffff:127.0.0.1", "loopback"}, // IPv4-mapped
		{"::ffff:169.254.169.254", "metadata"},
		{"::ffff:8.8.8.8", ""},
		{"64:ff9b::7f00:1", "loopback"}, // NAT64
		{"64:ff9b::10.0.0.5", "private"},
		{"64:ff9b::808:808", ""},
		{"64:ff9b:1::808:808", "private"}, // NAT64 inside one network
		{"2002:7f00:1::", "loopback"},     // 6to4
		{"2002:a9fe:a9fe::1", "metadata"},
		{"2002:808:808::1", ""},
		{"2001:0:808:808:0:0:80ff:fffe", "loopback"}, // Teredo, 127.0.0.1 inverted
		{"2001:0:808:808:0:0:f7f7:f7f7", ""},
		{"::ffff:0:10.0.0.5", "private"}, // SIIT
		{"::10.0.0.5", "private"},        // IPv4-compatible
		{"::8.8.8.8", ""},
	}
	for _, tt := range tests {
		err := Allow{}.check("a.example", netip.MustParseAddr(tt.addr))
		got := ""
		if refused, ok := errors.AsType[*RefusedError](err); ok {
			got = refused.Rule
		}
		if got != tt.want {
			t.Errorf("check(%s) = %q, want %q", tt.addr, got, tt.want)
		}
	}
}

func TestAllowLiftsRules(t *testing.T) {
	tests := []struct {
		allow, host, addr string
		refused           bool
	}{
		{"10.0.0.0/8", "a.example", "10.0.0.5", false},
		{"10.0.0.0/8", "a.example", "::ffff:10.0.0.5", false},
		{"10.0.0.0/8", "a.example", "64:ff9b::10.0.0.5", false},
		{"64:ff9b::/96", "a.example", "64:ff9b::10.0.0.5", false},
		{"10.0.0.0/8", "a.example", "64:ff9b::127.0.0.1", true},
		{"10.0.0.0/8", "a.example", "169.254.169.254", true},
		{"a.example", "A.example", "127.0.0.1", false},
		{"a.example", "b.example", "127.0.0.1", true},
		{"*", "b.example", "169.254.169.254", false},
	}
	for _, tt := range tests {
		allow, err := ParseAllow(tt.allow)
		if err != nil {
			t.Fatal(err)
		}
		if err := allow.check(tt.host, netip.MustParseAddr(tt.addr)); (err != nil) != tt.refused {
			t.Errorf("with %s, %s at %s: %v, want refused: %v", tt.allow, tt.host, tt.addr, err, tt.refused)
		}
	}
}

func TestCheckJudgesNamesAlone(t *testing.T) {
	tests := []struct{ allow, host, want string }{
		{"", "a.example", ""},
		{"", "8.8.8.8", ""},
		{"", "LocalHost", "loopback"},
		{"", "localhost.", "loopback"},
		{"", "x.localhost", "loopback"},
		{"", "notlocalhost", ""},
		{"", "metadata.google.internal", "metadata"},
		{"", "127.0.0.1", "loopback"},
		{"", "::1", "loopback"},
		{"", "[::1]", "loopback"},
		{"", "::ffff:10.0.0.5", "private"},
		{"localhost", "localhost", ""},
		{"127.0.0.1", "localhost", ""},
		{"::1", "x.localhost", ""},
		{"127.0.0.2", "localhost", "loopback"},
		{"10.0.0.0/8", "localhost", "loopback"},
		{"127.0.0.1", "metadata.google.internal", "metadata"},
		{"127.0.0.0/8", "127.0.0.1", ""},
		{"127.0.0.0/8", "10.0.0.5", "private"},
		{"*", "localhost", ""},
	}
	for _, tt := range tests {
		allow, err := ParseAllow(tt.allow)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if refused, ok := errors.AsType[*RefusedError](New(Config{Allow: allow}).Check(tt.host)); ok {
			got = refused.Rule
		}
		if got != tt.want {
			t.Errorf("with %q, Check(%q) = %q, want %q", tt.allow, tt.host, got, tt.want)
		}
	}
}

func TestRefusedErrorNamesHostRuleAndSetting(t *testing.T) {
	for _, e := range []*RefusedError{
		{Host: "intern.example", Address: "10.0.0.5", Rule: "private"},
		{Host: "10.0.0.5", Address: "10.0.0.5", Rule: "private"},
		{Host: "localhost", Rule: "loopback"},
	} {
		for _, want := range []string{e.Host, e.Address, e.Rule, "OUTGOING_ALLOW"} {
			if !strings.Contains(e.Error(), want) {
				t.Errorf("%q does not say %q", e, want)
			}
		}
	}
}

func TestCheckURL(t *testing.T) {
	known := map[string]string{"public.test.": "192.0.2.1", "inside.test.": "10.0.0.5", "named.test.": "10.0.0.6"}
	c := newClient(t, "named.test,10.9.0.0/16", Config{Resolver: fakeResolver(t, func(name string) string { return known[name] })})
	for _, open := range []string{
		"https://public.test/x", "http://8.8.8.8", "http://named.test", "http://10.9.1.1:80/hook",
		"http://nowhere.test", "not a URL", "ftp://inside.test", "http://%zz", "",
	} {
		if err := c.CheckURL(t.Context(), open); err != nil {
			t.Errorf("CheckURL(%q) = %v", open, err)
		}
	}
	for closed, want := range map[string]RefusedError{
		"http://inside.test":                    {"inside.test", "10.0.0.5", "private"},
		"https://INSIDE.test.:8080/x":           {"INSIDE.test.", "10.0.0.5", "private"},
		"http://10.0.0.1/x":                     {"10.0.0.1", "10.0.0.1", "private"},
		"http://[::1]":                          {"::1", "::1", "loopback"},
		"http://localhost:3000":                 {"localhost", "", "loopback"},
		"http://169.254.169.254/latest":         {"169.254.169.254", "169.254.169.254", "metadata"},
		"http://metadata.google.internal":       {"metadata.google.internal", "", "metadata"},
		"http://[::ffff:192.168.0.1]/" + secret: {"::ffff:192.168.0.1", "192.168.0.1", "private"},
	} {
		err := c.CheckURL(t.Context(), closed)
		mustNotLeak(t, err)
		refused, ok := errors.AsType[*RefusedError](err)
		if !ok || *refused != want {
			t.Errorf("CheckURL(%q) = %v, want %v", closed, err, &want)
			continue
		}
		if text := err.Error(); !strings.Contains(text, want.Host) || !strings.Contains(text, want.Rule) || !strings.Contains(text, "OUTGOING_ALLOW") {
			t.Errorf("CheckURL(%q) = %q, which does not name host, rule and setting", closed, text)
		}
	}
}
