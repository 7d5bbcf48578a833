package outbound

import (
	"errors"
	"net/url"
	"strings"

	"golang.org/x/net/http/httpproxy"
)

// Proxy is the HTTP proxy that calls leave by. Its zero value is none.
//
// Behind a proxy, it is the proxy that connects, and it resolves names itself. So a target is
// resolved and judged before the proxy hears of it, but a name server that answers the two of us
// differently is the proxy's to guard against.
type Proxy struct {
	url    *url.URL
	choose func(*url.URL) (*url.URL, error)
}

// ParseProxy reads the settings OUTGOING_PROXY, a URL, and OUTGOING_NO_PROXY: hosts, domains,
// addresses and networks that are called directly, separated by commas, as other programs read
// NO_PROXY. Loopback addresses are always called directly.
func ParseProxy(address, except string) (Proxy, error) {
	if strings.TrimSpace(address) == "" {
		return Proxy{}, nil
	}
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return Proxy{}, errors.New("the proxy has to be a URL such as http://proxy.example:3128, with a user and password in it where it wants them")
	}
	rules := httpproxy.Config{HTTPProxy: u.String(), HTTPSProxy: u.String(), NoProxy: except}
	return Proxy{url: u, choose: rules.ProxyFunc()}, nil
}

// leadsTo says whether calls to a URL go through the proxy.
func (p Proxy) leadsTo(target *url.URL) bool {
	if p.choose == nil {
		return false
	}
	by, err := p.choose(target)
	return err == nil && by != nil
}
