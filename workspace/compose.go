package workspace

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/grapnel-chat/grapnel/schema"
)

// Content is a message as clients, hooks and scripts write it: the members of a JSON object that
// mean something for a message, the others left out.
type Content struct {
	Text        string   // text, else msg, trimmed
	Targets     []string // channel, else roomId; empty: none named
	Alias       string   // alias
	Username    string   // username, which goes before alias
	Avatar      string   // icon_url, else avatar
	Emoji       string   // icon_emoji, else emoji
	Attachments []byte   // JSON array, or nil
	ParseURLs   *bool
	Groupable   *bool
	ThreadID    string // tmid
	Custom      []byte // customFields, a JSON object or nil
	Separate    *bool  // separateResponse, true only if it is exactly true
	NamesTarget bool   // channel or roomId is there and not falsy
	Empty       bool   // the object has no members
	// Relays says that the object tells of a message elsewhere, as outgoing webhooks of chat servers do.
	Relays bool
}

// Defaults stand in for what a content leaves out.
type Defaults struct {
	Alias, Avatar, Emoji string
	Targets              []string
}

// Draft makes a message of the content. A picture of the content goes before both defaults.
func (c Content) Draft(author User, or Defaults) Draft {
	d := Draft{
		Author: author, Targets: c.Targets, Separate: c.Separate != nil && *c.Separate, Text: c.Text, Alias: c.Username,
		Attachments: c.Attachments, Groupable: c.Groupable, ThreadID: c.ThreadID, Custom: c.Custom,
	}
	for _, alias := range []string{c.Alias, or.Alias} {
		if d.Alias == "" {
			d.Alias = alias
		}
	}
	switch {
	case c.Avatar != "":
		d.Avatar = c.Avatar
	case c.Emoji != "":
		d.Emoji = c.Emoji
	case or.Avatar != "":
		d.Avatar = or.Avatar
	default:
		d.Emoji = or.Emoji
	}
	if d.Groupable == nil {
		d.Groupable = new(bool)
	}
	d.ParseURLs = c.Attachments == nil
	if c.ParseURLs != nil {
		d.ParseURLs = *c.ParseURLs
	}
	if len(d.Targets) == 0 {
		d.Targets = or.Targets
	}
	return d
}

// members of a message object, before the rules of precedence.
type members struct {
	text, msg, channel, roomID, alias, username, iconURL, avatar, iconEmoji, emoji,
	attachments, parseURLs, groupable, tmid, customFields, separate jsontext.Value
}

// place answers where a member of that name stands, nil for one that means nothing.
func (m *members) place(name []byte) *jsontext.Value {
	switch string(name) {
	case "text":
		return &m.text
	case "msg":
		return &m.msg
	case "channel":
		return &m.channel
	case "roomId":
		return &m.roomID
	case "alias":
		return &m.alias
	case "username":
		return &m.username
	case "icon_url":
		return &m.iconURL
	case "avatar":
		return &m.avatar
	case "icon_emoji":
		return &m.iconEmoji
	case "emoji":
		return &m.emoji
	case "attachments":
		return &m.attachments
	case "parseUrls":
		return &m.parseURLs
	case "groupable":
		return &m.groupable
	case "tmid":
		return &m.tmid
	case "customFields":
		return &m.customFields
	case "separateResponse":
		return &m.separate
	}
	return nil
}

// ReadContent reads a JSON object. Members of a type that means nothing for them are passed over,
// as upstream passes them over.
func ReadContent(object []byte) (Content, error) {
	var m members
	empty, told := true, byte(0)
	err := schema.EachMember(object, func(name, value []byte) {
		empty = false
		if place := m.place(name); place != nil {
			*place = value
		} else if jsontext.Value(value).Kind() == '"' {
			told |= partOfEvent(name)
		}
	})
	if err != nil {
		return Content{}, err
	}
	c := m.content()
	c.Empty, c.Relays = empty, told == wholeEvent
	if m.attachments.Kind() == '[' {
		if c.Attachments, err = schema.Tidy(mendAttachments(m.attachments)); err != nil {
			return Content{}, err
		}
	}
	if m.customFields.Kind() == '{' {
		if c.Custom, err = schema.Tidy(m.customFields); err != nil {
			return Content{}, err
		}
	}
	return c, nil
}

// wholeEvent is what partOfEvent answers for all members of an event together.
const wholeEvent = 0b1111

// partOfEvent tells the members that outgoing webhooks of Rocket.Chat, Grapnel, Mattermost and Slack all
// have: the channel and the author of a message. Services that are no chat name neither by id and name.
func partOfEvent(name []byte) byte {
	switch string(name) {
	case "channel_id":
		return 1
	case "channel_name":
		return 1 << 1
	case "user_id":
		return 1 << 2
	case "user_name":
		return 1 << 3
	default:
		return 0
	}
}

func (m members) content() Content {
	c := Content{
		Text:      strings.TrimSpace(firstText(m.text, m.msg)),
		Alias:     looseText(m.alias),
		Username:  looseText(m.username),
		Avatar:    firstText(m.iconURL, m.avatar),
		Emoji:     firstText(m.iconEmoji, m.emoji),
		ParseURLs: flag(m.parseURLs),
		Groupable: flag(m.groupable),
		ThreadID:  looseText(m.tmid),
	}
	if m.separate != nil {
		separate := m.separate.Kind() == 't'
		c.Separate = &separate
	}
	for _, target := range []jsontext.Value{m.channel, m.roomID} {
		if Truthy(target) {
			c.NamesTarget = true
			c.Targets = texts(target)
			break
		}
	}
	return c
}

// EachMember calls visit for each member of a JSON object in source order. The value is valid
// during the call only as long as the object is; of names that come twice both are visited.
func EachMember(object []byte, visit func(name string, value jsontext.Value)) error {
	return schema.EachMember(object, func(name, value []byte) { visit(string(name), value) })
}

// firstText answers the first value that is not falsy, as text.
func firstText(values ...jsontext.Value) string {
	for _, v := range values {
		if Truthy(v) {
			return looseText(v)
		}
	}
	return ""
}

// Truthy judges a JSON value as JavaScript does.
func Truthy(v jsontext.Value) bool {
	switch v.Kind() {
	case '"':
		return len(v) > len(`""`)
	case '0':
		n, err := strconv.ParseFloat(string(v), 64)
		return err != nil || n != 0
	case 't', '{', '[':
		return true
	default:
		return false
	}
}

// looseText answers a string or number as text, and nothing for the other types.
func looseText(v jsontext.Value) string {
	switch v.Kind() {
	case '"':
		text, err := jsontext.AppendUnquote(nil, v)
		if err != nil && text == nil {
			return ""
		}
		return string(text)
	case '0':
		return string(v)
	default:
		return ""
	}
}

// texts answers a text, or the texts of an array.
func texts(v jsontext.Value) []string {
	if v.Kind() != '[' {
		return []string{looseText(v)}
	}
	var list []string
	_ = schema.EachItem(v, func(item []byte) { // v was read as a whole before: it parses
		list = append(list, looseText(item))
	})
	return list
}

func flag(v jsontext.Value) *bool {
	if v.Kind() != 't' && v.Kind() != 'f' {
		return nil
	}
	value := v.Kind() == 't'
	return &value
}

// mendAttachments moves each attachment's msg to text, where it belongs.
func mendAttachments(list jsontext.Value) []byte {
	if !bytes.Contains(list, []byte(`"msg"`)) {
		return list
	}
	out := []byte{'['}
	_ = schema.EachItem(list, func(item []byte) { // list was read as a whole before: it parses
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = appendMended(out, item)
	})
	return append(out, ']')
}

func appendMended(out []byte, attachment jsontext.Value) []byte {
	var msg jsontext.Value
	if attachment.Kind() == '{' {
		_ = EachMember(attachment, func(name string, value jsontext.Value) {
			if name == "msg" && Truthy(value) {
				msg = bytes.Clone(value)
			}
		})
	}
	if msg == nil {
		return append(out, attachment...)
	}
	out = append(out, '{')
	_ = EachMember(attachment, func(name string, value jsontext.Value) {
		if name == "msg" || name == "text" {
			return
		}
		out, _ = jsontext.AppendQuote(out, name)
		out = append(append(append(out, ':'), value...), ',')
	})
	out = append(out, `"text":`...)
	return append(append(out, msg...), '}')
}
