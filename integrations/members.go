package integrations

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/grapnel-chat/grapnel/workspace"
)

// members are those of a JSON object, in their order, each value as it was written.
type members []struct {
	name  string
	value jsontext.Value
}

// readMembers reads an object; nil has no members.
func readMembers(text []byte, what string) (members, error) {
	if text == nil {
		return nil, nil
	}
	if jsontext.Value(text).Kind() != '{' || !isJSON(text) {
		return nil, &TrialError{"The " + what + " has to be a JSON object."}
	}
	var list members
	err := workspace.EachMember(text, func(name string, value jsontext.Value) { list.set(name, value) })
	return list, err
}

// value answers the member of that name, nil where there is none.
func (m members) value(name string) jsontext.Value {
	for _, one := range m {
		if one.name == name {
			return one.value
		}
	}
	return nil
}

// set replaces a member, or adds it behind the others.
func (m *members) set(name string, value []byte) {
	for n, one := range *m {
		if one.name == name {
			(*m)[n].value = value
			return
		}
	}
	*m = append(*m, struct {
		name  string
		value jsontext.Value
	}{name, value})
}

// over answers the members with others in their place or behind them.
func (m members) over(others members) members {
	for _, one := range others {
		m.set(one.name, one.value)
	}
	return m
}

// text writes the object.
func (m members) text() []byte {
	out := []byte{'{'}
	for n, one := range m {
		if n > 0 {
			out = append(out, ',')
		}
		out = append(append(appendText(out, one.name), ':'), one.value...)
	}
	return append(out, '}')
}
