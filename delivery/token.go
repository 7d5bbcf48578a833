package delivery

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/workspace"
)

// withoutToken leaves the integration's token out of a body that a redirect carries to another host.
// It is a member of the document that deliveries send; what a script makes of that is the author's.
func withoutToken(i integrations.Integration) func(body []byte) []byte {
	if i.Token == nil || *i.Token == "" {
		return nil
	}
	return func(body []byte) []byte {
		left := []byte{'{'}
		err := workspace.EachMember(body, func(name string, value jsontext.Value) {
			if name == "token" {
				return
			}
			if len(left) > 1 {
				left = append(left, ',')
			}
			left, _ = jsontext.AppendQuote(left, name)
			left = append(append(left, ':'), value...)
		})
		if err != nil {
			return body
		}
		return append(left, '}')
	}
}
