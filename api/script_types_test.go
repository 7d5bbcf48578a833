package api_test

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/grapnel-chat/grapnel/scripts"
)

// TestScriptTypesDescribeArguments holds that the interfaces in types.d.ts have exactly the members
// of what scripts really get, from a hook and from a delivery.
func TestScriptTypesDescribeArguments(t *testing.T) {
	t.Parallel()
	s := start(t)
	const list = `const tell = (o) => Object.keys(o).join(' ');`
	h := s.newScript(list + incoming(`return { content: { text: JSON.stringify({
		IncomingRequest: tell(request), RequestURL: tell(request.url), ScriptUser: tell(request.user), url_params: tell(request.url_params) }) } };`))
	h.post(doc{"a": 1}).says(200, done)
	got := describedBy(t, s.newest("GENERAL"))

	r := newReceiver(t, told(200, `{"plain":true}`))
	id := s.listener(r.url, doc{"scriptEnabled": true, "triggerWords": []any{"tell"}, "script": list + `class Script {
		prepare_outgoing_request({ request }) {
			this.seen = { OutgoingRequest: tell(request), EventData: tell(request.data), date: String(request.data.timestamp instanceof Date) };
			return request;
		}
		process_outgoing_response({ request, response }) {
			return { content: { text: JSON.stringify({ ...this.seen, OutgoingResponse: tell(response), argument: tell({ request, response }) }) } };
		} }`})
	s.say(s.admin, "#general", "tell")
	s.delivered(id)
	maps.Copy(got, describedBy(t, s.newest("GENERAL")))
	if got["date"][0] != "true" {
		t.Errorf("data.timestamp is no Date")
	}
	for _, name := range []string{"IncomingRequest", "RequestURL", "ScriptUser", "OutgoingRequest", "EventData", "OutgoingResponse"} {
		needed, optional := interfaceMembers(t, name)
		for _, member := range got[name] {
			if !slices.Contains(needed, member) && !slices.Contains(optional, member) {
				t.Errorf("a script gets %s.%s, which types.d.ts does not describe", name, member)
			}
		}
		for _, member := range needed {
			if !slices.Contains(got[name], member) {
				t.Errorf("types.d.ts describes %s.%s, which no script gets: %v", name, member, got[name])
			}
		}
	}
}

// describedBy reads the member names that a script posted.
func describedBy(t *testing.T, message doc) map[string][]string {
	t.Helper()
	var told map[string]string
	must(t, json.Unmarshal([]byte(message["msg"].(string)), &told))
	members := map[string][]string{}
	for name, list := range told {
		members[name] = strings.Fields(list)
	}
	return members
}

// interfaceMembers are the members of an interface in types.d.ts.
func interfaceMembers(t *testing.T, name string) (needed, optional []string) {
	t.Helper()
	block := regexp.MustCompile(`(?ms)^interface ` + name + ` \{\n(.*?)^\}`).FindSubmatch(scripts.Types)
	if block == nil {
		t.Fatalf("types.d.ts has no interface %s", name)
	}
	for _, match := range regexp.MustCompile(`(?m)^  (\w+)(\??):`).FindAllSubmatch(block[1], -1) {
		if len(match[2]) > 0 {
			optional = append(optional, string(match[1]))
		} else {
			needed = append(needed, string(match[1]))
		}
	}
	return needed, optional
}
