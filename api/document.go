package api

import (
	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/schema"
)

// member answers a member of the type, or the type's zero.
func member[T any](o *schema.Object, name string) T {
	value, _ := o.Get(name)
	typed, _ := value.(T)
	return typed
}

func text(o *schema.Object, name string) string { return member[string](o, name) }

// optional answers a member that may be left out or null.
func optional[T any](o *schema.Object, name string) integrations.Optional[T] {
	value, sent := o.Get(name)
	out := integrations.Optional[T]{Sent: sent}
	if typed, ok := value.(T); ok {
		out.Value = &typed
	}
	return out
}

// optionalTexts answers an optional array of texts.
func optionalTexts(o *schema.Object, name string) integrations.Optional[[]string] {
	out := integrations.Optional[[]string]{}
	value, sent := o.Get(name)
	out.Sent = sent
	if _, ok := value.([]any); ok {
		list := texts(o, name)
		out.Value = &list
	}
	return out
}

// texts answers the texts of an array; what is no text is left out. It is never nil.
func texts(o *schema.Object, name string) []string {
	list := []string{}
	for _, item := range member[[]any](o, name) {
		if text, ok := item.(string); ok {
			list = append(list, text)
		}
	}
	return list
}

// customFields answers the member of that name as JSON text, or nil.
func customFields(o *schema.Object) []byte {
	if inner := member[*schema.Object](o, "customFields"); inner != nil {
		return schema.Encode(inner)
	}
	return nil
}

// firstOf answers the first of the members that is there.
func firstOf(o *schema.Object, names ...string) string {
	for _, name := range names {
		if value := text(o, name); value != "" {
			return value
		}
	}
	return ""
}
