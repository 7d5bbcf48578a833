package integrations

import (
	"context"
	"encoding/binary"
	"errors"
	"strings"

	"github.com/grapnel-chat/grapnel/workspace"
)

// Why a request that the log has cannot be played again.
var (
	ErrMetadataOnly = errors.New("request was logged without its headers and body")
	ErrBodyCut      = errors.New("body was longer than what the log keeps")
	// ErrNotLogged says that it was played, but that the log could not take it.
	ErrNotLogged = errors.New("replay was not logged")
)

// RequestReplay asks to play a logged request again.
type RequestReplay struct {
	ID        string // of the request
	RequestID string
	Address   string // of who asks
}

// ReplayRequest receives a request that the log has once more, as its integration is now, and answers the
// new entry of the log, which says what became of it.
func (s *Service) ReplayRequest(ctx context.Context, caller workspace.User, ask RequestReplay) (Exchange, error) {
	x, err := s.Request(ctx, caller, ask.ID)
	if err != nil {
		return x, err
	}
	r, err := s.restore(x)
	if err != nil {
		return Exchange{}, err
	}
	r.RequestID, r.Address, r.ReplayOf = ask.RequestID, ask.Address, x.ID
	answer, err := s.Receive(ctx, r)
	if answer.LogID == "" {
		return Exchange{}, errors.Join(ErrNotLogged, err)
	}
	return s.Journal.one(ctx, answer.LogID)
}

// restore makes a request of what the log has of it.
func (s *Service) restore(x Exchange) (HookRequest, error) {
	d := x.Detail
	switch {
	case x.Bare || d == nil:
		return HookRequest{}, ErrMetadataOnly
	case d.RequestBody.Cut() || d.RequestBody.Size < x.Size:
		return HookRequest{}, ErrBodyCut
	}
	i, ok := s.Index.Incoming(x.IntegrationID)
	if !ok {
		return HookRequest{}, ErrUnknownRequest
	}
	hidden, err := s.Journal.opened(d.Sealed, x.IntegrationID)
	if err != nil {
		return HookRequest{}, err
	}
	r := HookRequest{
		IntegrationID: i.ID, Token: text(i.Token), Path: "/hooks/" + i.ID + "/" + text(i.Token), Header: map[string]string{},
		Body: d.RequestBody.Bytes, Method: d.Method,
	}
	_, r.RawQuery, _ = strings.Cut(d.URL, "?")
	if hidden.Query != nil {
		r.RawQuery = string(hidden.Query)
	}
	for _, line := range d.RequestHeader {
		r.Header[line.Name] = line.Value
	}
	for name, value := range hidden.Header {
		r.Header[name] = string(value)
	}
	r.ContentType = r.Header["content-type"]
	return r, nil
}

// sealedRequest is what replaying a request takes and nobody is shown.
type sealedRequest struct {
	Header map[string][]byte
	Query  []byte // nil: nothing of it is hidden
}

// sealing is such a request in the making: names and values one after the other, each behind its
// length.
type sealing []byte

func (s *sealing) add(name, value string) {
	*s = append(binary.AppendUvarint(*s, uint64(len(name))), name...)
	*s = append(binary.AppendUvarint(*s, uint64(len(value))), value...)
}

// sealed encrypts it for an integration; nil where there is nothing to hide.
func (j *Journal) sealed(s sealing, integrationID string) []byte {
	if len(s) == 0 {
		return nil
	}
	return j.Sealer.seal(s, integrationID)
}

func (j *Journal) opened(sealed []byte, integrationID string) (r sealedRequest, err error) {
	if len(sealed) == 0 {
		return r, nil
	}
	text, err := j.Sealer.open(sealed, integrationID)
	if err != nil {
		return r, err
	}
	return unpack(text)
}

// queryName stands for the query among the names of headers, none of which has a space.
const queryName = "the query"

func unpack(text []byte) (sealedRequest, error) {
	r := sealedRequest{Header: map[string][]byte{}}
	next := func() (part []byte, ok bool) {
		n, size := binary.Uvarint(text)
		if size <= 0 || n > uint64(len(text)-size) { //nolint:gosec // size is no more than the text's length
			return nil, false
		}
		part, text = text[size:size+int(n)], text[size+int(n):] //nolint:gosec // n is no more than the text's length
		return part, true
	}
	for len(text) > 0 {
		name, named := next()
		value, valued := next()
		switch {
		case !named || !valued:
			return r, ErrSealed
		case string(name) == queryName:
			r.Query = value
		default:
			r.Header[string(name)] = value
		}
	}
	return r, nil
}
