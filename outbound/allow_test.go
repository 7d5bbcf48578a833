package outbound

import (
	"net/netip"
	"strings"
	"testing"
)

func TestParseAllow(t *testing.T) {
	tests := []struct {
		text string
		host string
		addr string
		want bool
	}{
		{"", "a.example", "10.0.0.5", false},
		{"*", "a.example", "10.0.0.5", true},
		{" , ,", "a.example", "10.0.0.5", false},
		{"a.example", "a.example", "10.0.0.5", true},
		{"A.Example", "a.eXample.", "10.0.0.5", true},
		{"a.example.", "a.example", "10.0.0.5", true},
		{"a.example", "b.a.example", "10.0.0.5", false},
		{"a.example", "example", "10.0.0.5", false},
		{"bücher.example", "xn--bcher-kva.example", "10.0.0.5", true},
		{"chat_db", "chat_db", "10.0.0.5", true},
		{"b.example, 10.0.0.5", "a.example", "10.0.0.5", true},
		{"10.0.0.5", "a.example", "10.0.0.6", false},
		{"10.0.0.0/8,192.168.0.0/16", "a.example", "192.168.7.7", true},
		{"10.9.8.7/8", "a.example", "10.1.1.1", true},
		{"10.0.0.0/8", "a.example", "11.0.0.0", false},
		{"::1", "a.example", "::1", true},
		{"[::1]", "a.example", "::1", true},
		{"fd00::/8", "a.example", "fd12::1", true},
		{"fe80::1%eth0", "a.example", "fe80::1", true},
		{"::ffff:10.0.0.5", "a.example", "10.0.0.5", true},
		{"::ffff:10.0.0.0/104", "a.example", "10.0.0.5", true},
	}
	for _, tt := range tests {
		allow, err := ParseAllow(tt.text)
		if err != nil {
			t.Errorf("ParseAllow(%q): %v", tt.text, err)
			continue
		}
		if got := allow.permits(tt.host, netip.MustParseAddr(tt.addr)); got != tt.want {
			t.Errorf("ParseAllow(%q) permits %s at %s: %v, want %v", tt.text, tt.host, tt.addr, got, tt.want)
		}
	}
}

func TestParseAllowNamesTheWrongEntry(t *testing.T) {
	for _, entry := range []string{
		"http://a.example", "a.example:8080", "10.0.0.5:80", "[::1]:80", "*.example", "10.0.0.0/33", "10.0.0",
		"10.0.0.256", "::1%*", "a..example", "a b", "a.example/x", "ünïcode..example", strings.Repeat("x", 64) + ".example",
	} {
		_, err := ParseAllow("good.example, " + entry + ", 10.0.0.0/8")
		if err == nil {
			t.Errorf("ParseAllow took %q", entry)
			continue
		}
		for _, want := range []string{`"` + entry + `"`, "host name", "IP address", "CIDR", "*"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("ParseAllow(%q): %q does not say %q", entry, err, want)
			}
		}
	}
}

func FuzzParseAllow(f *testing.F) {
	for _, seed := range []string{
		"", "*", "a.example, 10.0.0.0/8", "::1,[fd00::1],fe80::1%eth0", "::ffff:10.0.0.0/104", "bücher.example",
		"http://x", "10.0.0", "a.example:80", ",,", "\x00", "xn--a",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		allow, err := ParseAllow(text)
		if err != nil {
			if allow.all || allow.hosts != nil || allow.prefixes != nil {
				t.Fatalf("ParseAllow(%q) gives an error and permits something", text)
			}
			return
		}
		if strings.Contains(text, "*") != allow.all {
			t.Errorf("ParseAllow(%q).all = %v", text, allow.all)
		}
		for _, host := range allow.hosts {
			if again, err := ParseAllow(host); err != nil || !again.permitsHost(host) {
				t.Errorf("ParseAllow(%q) holds the host %q, which is none by itself: %v", text, host, err)
			}
		}
		for _, prefix := range allow.prefixes {
			if !allow.permitsAddr(prefix.Addr()) {
				t.Errorf("ParseAllow(%q) holds %v and does not permit its address", text, prefix)
			}
		}
	})
}
