package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/outbound"
	"github.com/grapnel-chat/grapnel/scripts"
)

// checkedIntegration is an integration of a running server and what was found.
type checkedIntegration struct {
	foundIntegration
	script  *checked // nil: there is none, or it is off
	private []privateTarget
}

// privateTarget is an address that an outgoing integration calls and that is not public.
type privateTarget struct {
	host string
	why  string
	sure bool // a name that sounds private is not
}

func (c checkedIntegration) hasProblems() bool {
	return len(c.private) > 0 || c.script != nil && c.script.hasProblems()
}

func (c *checkScript) checkServer(ctx context.Context, pool *scripts.Pool) error {
	r, err := c.reader()
	if err != nil {
		return err
	}
	defer r.client.Close()
	found, err := r.all(ctx)
	if err != nil {
		return err
	}
	var all []checkedIntegration
	for _, i := range found {
		one := checkedIntegration{foundIntegration: i, private: privateTargets(c.OutgoingAllow.Allow, i.URLs)}
		if i.ScriptEnabled && i.Script != nil && strings.TrimSpace(*i.Script) != "" {
			report, err := pool.Inspect(ctx, integrations.ScriptSource{Text: *i.Script, Strict: i.SkipTranspile})
			if err != nil {
				return fmt.Errorf("check the script of %s: %w", i.ID, err)
			}
			one.script = &checked{name: "script", Report: report}
		}
		all = append(all, one)
	}
	if c.JSON {
		err = printIntegrationsJSON(string(c.URL), all)
	} else {
		printIntegrations(string(c.URL), all)
	}
	if err == nil && slices.ContainsFunc(all, checkedIntegration.hasProblems) {
		return problems()
	}
	return err
}

// privateTargets names the hosts of URLs that are private by name or number, or sound so. No name is
// looked up.
func privateTargets(allow outbound.Allow, urls []string) []privateTarget {
	guard := outbound.New(outbound.Config{Allow: allow})
	defer guard.Close()
	var found []privateTarget
	for _, text := range urls {
		at, err := url.Parse(strings.TrimSpace(text))
		if err != nil || at.Hostname() == "" {
			found = append(found, privateTarget{why: "one of its URLs is no valid http or https address"})
			continue
		}
		host := at.Hostname()
		if slices.ContainsFunc(found, func(t privateTarget) bool { return t.host == host }) {
			continue
		}
		if refused, ok := errors.AsType[*outbound.RefusedError](guard.Check(host)); ok {
			found = append(found, privateTarget{host: host, why: "is not public (" + refused.Rule + ")", sure: true})
		} else if soundsPrivate(host) && !allow.PermitsHost(host) {
			found = append(found, privateTarget{host: host, why: "sounds private"})
		}
	}
	return found
}

// privateEndings are what names of private networks end in.
var privateEndings = []string{".local", ".lan", ".internal", ".intranet", ".corp", ".home", ".home.arpa", ".private", ".test", ".svc", ".cluster.local"}

func soundsPrivate(host string) bool {
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return false // Check has judged it
	}
	name := strings.ToLower(strings.TrimSuffix(host, "."))
	return !strings.Contains(name, ".") || slices.ContainsFunc(privateEndings, func(end string) bool { return strings.HasSuffix(name, end) })
}

func printIntegrations(at string, all []checkedIntegration) {
	for _, one := range all {
		one.print()
	}
	broken, private := 0, 0
	for _, one := range all {
		if one.script != nil && !one.script.Runs() {
			broken++
		}
		if len(one.private) > 0 {
			private++
		}
	}
	say("%s at %s: %d with a script that does not run here, %d that %s private addresses.",
		counted(len(all), "integration", "integrations"), at, broken, private, plural(private, "calls", "call"))
	if allow := allowFor(all); len(allow) > 0 {
		say("OUTGOING_ALLOW=%s would permit the calls to them.", strings.Join(allow, ","))
	}
	say("Names were not looked up: a call to one that leads to a private address is refused, too, until OUTGOING_ALLOW names it.")
}

func (c checkedIntegration) print() {
	off := ""
	if !c.Enabled {
		off = ", disabled"
	}
	say("%s (%s %s%s): %s", printable(c.Name), printable(strings.TrimPrefix(c.Type, "webhook-")), printable(c.ID), off, c.verdict())
	if c.script != nil {
		if facts := c.script.facts(); facts != "" {
			say("  %s", facts)
		}
		for _, f := range c.script.Findings {
			printFinding(os.Stdout, "  script", f)
		}
	}
	for _, t := range c.private {
		if t.host == "" {
			say("  warning: %s", t.why)
			continue
		}
		say("  warning: it calls %s, which %s: needs OUTGOING_ALLOW=%s", printable(t.host), t.why, printable(t.host))
	}
}

func (c checkedIntegration) verdict() string {
	switch {
	case c.script != nil:
		return "its script " + c.script.verdict()
	case c.ScriptEnabled:
		return "its script is empty"
	default:
		return "no script"
	}
}

// allowFor lists the hosts that OUTGOING_ALLOW has to name.
func allowFor(all []checkedIntegration) []string {
	var hosts []string
	for _, one := range all {
		for _, t := range one.private {
			if t.host != "" && !slices.Contains(hosts, t.host) {
				hosts = append(hosts, t.host)
			}
		}
	}
	slices.Sort(hosts)
	return hosts
}

type checkedIntegrationJSON struct {
	ID      string       `json:"_id"`
	Type    string       `json:"type"`
	Name    string       `json:"name"`
	Enabled bool         `json:"enabled"`
	Script  *checkedJSON `json:"script,omitzero"`
	Private []targetJSON `json:"private"`
}

type targetJSON struct {
	Host string `json:"host,omitzero"`
	Why  string `json:"why"`
	Sure bool   `json:"sure"`
}

func printIntegrationsJSON(at string, all []checkedIntegration) error {
	shapes := make([]checkedIntegrationJSON, 0, len(all))
	for _, one := range all {
		j := checkedIntegrationJSON{ID: one.ID, Type: one.Type, Name: one.Name, Enabled: one.Enabled, Private: []targetJSON{}}
		if one.script != nil {
			shape := one.script.shape()
			j.Script = &shape
		}
		for _, t := range one.private {
			j.Private = append(j.Private, targetJSON{Host: t.host, Why: t.why, Sure: t.sure})
		}
		shapes = append(shapes, j)
	}
	allow := allowFor(all)
	if allow == nil {
		allow = []string{}
	}
	return printJSON(os.Stdout, map[string]any{"url": at, "integrations": shapes, "outgoingAllow": allow})
}
