package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const optionsPath = "/api/v1/integrations.options"

// authority is a certificate that nothing is signed with.
const authority = `-----BEGIN CERTIFICATE-----
MIIBhjCCAS2gAwIBAgIUFRvV37jLksdxMbLw5AN55cBaSjIwCgYIKoZIzj0EAwIw
GDEWMBQGA1UEAwwNR3JhcG5lbCB0ZXN0czAgFw0yNjExMjExNDM5MTNaGA8yMTI2
MTAyODE0MzkxM1owGDEWMBQGA1UEAwwNR3JhcG5lbCB0ZXN0czBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABMNIT3sJQ1Q2eMwUohIIvs1YWbQGRXGASCYSTuYJq8AB
6K7c6IwpOodcKeGI8i+em7RIVv1EeDULZjo756iSw46jUzBRMB0GA1UdDgQWBBTA
3Gvn5WndcH4okBgWcUmPCZMAQDAfBgNVHSMEGDAWgBTA3Gvn5WndcH4okBgWcUmP
CZMAQDAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCIGFgMmplxZ2O
FctbKIvJyHkqDHbuRafvNmR42RvUdv3LAiB39vXriHxdzg/Z4pNqsg0yFHd1fsRS
sBSmEmZWP0m9/g==
-----END CERTIFICATE-----`

// noOptions are the options of an integration of which none were set.
func noOptions(id string) doc {
	return doc{
		"integrationId": id, "policy": nil, "retry": nil, "order": "none", "tls": doc{"insecure": false, "ca": nil},
		"limits": doc{"rate": nil, "burst": nil, "concurrency": nil, "body": nil},
		"log":    doc{"metadataOnly": false, "age": nil, "entries": nil, "bytes": nil}, "updatedAt": nil,
	}
}

// options answers an integration's options.
func (s *server) options(as account, id string) doc {
	s.t.Helper()
	return s.get(as, optionsPath+"?integrationId="+id).is(200).at("options").(doc)
}

func (s *server) setOptions(as account, id string, change doc) answer {
	s.t.Helper()
	return s.send(http.MethodPut, as, optionsPath, changed(doc{"integrationId": id}, change))
}

// wantOptions compares options but for the time of their change.
func wantOptions(t *testing.T, got, want doc) {
	t.Helper()
	if diff := cmp.Diff(changed(want, doc{"updatedAt": nil}), changed(got, doc{"updatedAt": nil})); diff != "" {
		t.Errorf("other options (-want +got):\n%s", diff)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := s.made(s.admin, newOutgoing(nil))["_id"].(string)
	before := s.stored(id)
	if diff := cmp.Diff(noOptions(id), s.options(s.admin, id)); diff != "" {
		t.Errorf("options that were never set (-want +got):\n%s", diff)
	}

	set := doc{
		"policy": "grapnel", "retry": doc{"attempts": 3.0, "first": 1.5, "longest": 60.0}, "order": "url",
		"tls":    doc{"insecure": true, "ca": authority},
		"limits": doc{"rate": 0.5, "burst": 3.0, "concurrency": 2.0, "body": nil},
		"log":    doc{"metadataOnly": true, "age": 1.5, "entries": 7.0, "bytes": 1e9},
	}
	want := changed(noOptions(id), set)
	wantOptions(t, s.setOptions(s.admin, id, set).is(200).at("options").(doc), want)
	got := s.options(s.admin, id)
	wantOptions(t, got, want)
	if at, _ := got["updatedAt"].(string); at == "" {
		t.Errorf("options that were set do not say when: %v", got)
	}
	wantOptions(t, s.send(http.MethodPut, s.admin, optionsPath, got).is(200).at("options").(doc), want) // what was read can be sent back
	if held := s.index.Options(id); held.Policy != "grapnel" || held.Retry.Attempts != 3 || held.Limits.Rate != 0.5 {
		t.Errorf("the index holds %+v", held)
	}

	wantOptions(t, s.setOptions(s.admin, id, doc{"policy": nil, "limits": doc{"concurrency": 9}}).is(200).at("options").(doc),
		changed(want, doc{"policy": nil, "limits": doc{"rate": nil, "burst": nil, "concurrency": 9.0, "body": nil}}))
	reset := doc{"retry": nil, "order": nil, "tls": nil, "limits": nil, "log": doc{}}
	wantOptions(t, s.setOptions(s.admin, id, reset).is(200).at("options").(doc), noOptions(id))

	if diff := cmp.Diff(before, s.stored(id)); diff != "" {
		t.Errorf("the record changed with its options (-before +after):\n%s", diff)
	}
}

func TestOptionsGoWithTheIntegration(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := s.made(s.admin, newOutgoing(nil))["_id"].(string)
	s.setOptions(s.admin, id, doc{"order": "url"}).is(200)
	s.update(s.admin, newOutgoing(doc{"integrationId": id, "token": "t", "name": "other"})).is(200)
	wantOptions(t, s.options(s.admin, id), changed(noOptions(id), doc{"order": "url"}))
	s.post(s.admin, removePath, doc{"type": "webhook-outgoing", "integrationId": id}).is(200)
	s.get(s.admin, optionsPath+"?integrationId="+id).fails(400, "The integration does not exists.", "")
	if s.index.Options(id).Ordered {
		t.Error("the index still holds the options")
	}
	if o, err := s.store.Options(t.Context(), id); err != nil || o.Ordered {
		t.Errorf("the store still holds %+v, %v", o, err)
	}
}

func TestOptionsNeedTheRightToManage(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.grant("manage-own-outgoing-integrations", "admin", "bot")
	maker, other := s.user("maker", "user", "bot"), s.user("other", "user", "bot")
	id := s.made(maker, newOutgoing(nil))["_id"].(string)
	s.setOptions(maker, id, doc{"order": "url"}).is(200)
	s.options(maker, id)
	for _, as := range []account{other, s.user("guest", "user")} {
		s.get(as, optionsPath+"?integrationId="+id).fails(400, "not-authorized", "")
		s.setOptions(as, id, doc{"order": "none"}).fails(400, "not-authorized", "")
	}
	s.setOptions(account{}, id, nil).is(401)
	s.setOptions(s.admin, "", nil).fails(400, `The query parameter "integrationId" is required.`, "")
	s.setOptions(s.admin, "nope", nil).fails(400, "The integration does not exists.", "")
	wantOptions(t, s.options(s.admin, id), changed(noOptions(id), doc{"order": "url"}))
}

func TestOptionsThatCannotBe(t *testing.T) {
	t.Parallel()
	s := start(t)
	outgoing := s.made(s.admin, newOutgoing(nil))["_id"].(string)
	incoming := s.made(s.admin, newIncoming(nil))["_id"].(string)
	kept := doc{"limits": doc{"rate": 2.0, "burst": nil, "concurrency": nil, "body": nil}}
	for _, id := range []string{outgoing, incoming} {
		s.setOptions(s.admin, id, kept).is(200)
	}
	tests := []struct {
		of   string
		sent doc
		want string
	}{
		{outgoing, doc{"policy": "other"}, `policy has to be "grapnel", "rocketchat" or null`},
		{outgoing, doc{"policy": ""}, `policy has to be "grapnel", "rocketchat" or null`},
		{outgoing, doc{"policy": 7}, `policy has to be "grapnel", "rocketchat" or null`},
		{outgoing, doc{"order": "time"}, `order has to be "none", "url" or null`},
		{outgoing, doc{"order": true}, `order has to be "none", "url" or null`},
		{outgoing, doc{"retry": 5}, "retry has to be an object or null"},
		{outgoing, doc{"retry": doc{}}, "retry has to have attempts, first and longest, and longest may not be less than first"},
		{outgoing, doc{"retry": doc{"attempts": 2, "first": 9, "longest": 8}}, "retry has to have attempts, first and longest, and longest may not be less than first"},
		{outgoing, doc{"retry": doc{"attempts": 0, "first": 1, "longest": 8}}, "retry.attempts has to be a whole number of attempts from 1 to 100"},
		{outgoing, doc{"retry": doc{"attempts": 1.5, "first": 1, "longest": 8}}, "retry.attempts has to be a whole number of attempts from 1 to 100"},
		{outgoing, doc{"retry": doc{"attempts": 101, "first": 1, "longest": 8}}, "retry.attempts has to be a whole number of attempts from 1 to 100"},
		{outgoing, doc{"retry": doc{"attempts": 2, "first": 0.5, "longest": 8}}, "retry.first has to be a number of seconds from 1 to 86400"},
		{outgoing, doc{"retry": doc{"attempts": 2, "first": 1, "longest": 1e300}}, "retry.longest has to be a number of seconds from 1 to 2592000"},
		{outgoing, doc{"retry": doc{"attempts": "2", "first": 1, "longest": 2}}, "retry.attempts has to be a whole number of attempts from 1 to 100"},
		{outgoing, doc{"retry": doc{"count": 2}}, "retry.count is no option; there are attempts, first, longest"},
		{outgoing, doc{"tls": doc{"insecure": "yes"}}, "tls.insecure has to be true or false"},
		{outgoing, doc{"tls": doc{"ca": 1}}, "tls.ca has to be a text or null"},
		{outgoing, doc{"tls": doc{"ca": "my CA"}}, `tls.ca has to be certificates in PEM alone, each from "-----BEGIN CERTIFICATE-----" to "-----END CERTIFICATE-----"`},
		{outgoing, doc{"tls": doc{"ca": authority + "\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"}}, `tls.ca has to be certificates in PEM alone, each from "-----BEGIN CERTIFICATE-----" to "-----END CERTIFICATE-----"`},
		{outgoing, doc{"tls": doc{"ca": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"}}, "tls.ca holds a certificate that cannot be read: x509: malformed certificate"},
		{outgoing, doc{"tls": doc{"ca": strings.Repeat(authority+"\n", 200)}}, "tls.ca has to be at most 65536 bytes of certificates"},
		{outgoing, doc{"limits": doc{"rate": 0}}, "limits.rate has to be a number of calls in a second from 0.001 to 100000, or null"},
		{outgoing, doc{"limits": doc{"rate": -1}}, "limits.rate has to be a number of calls in a second from 0.001 to 100000, or null"},
		{outgoing, doc{"limits": doc{"burst": 5}}, "limits.burst is of no use without limits.rate: send both"},
		{outgoing, doc{"limits": doc{"concurrency": 0.5}}, "limits.concurrency has to be a whole number of calls at once from 1 to 1000, or null"},
		{outgoing, doc{"limits": doc{"body": 5}}, "limits.body is of incoming integrations alone; this one is outgoing"},
		{outgoing, doc{"log": doc{"age": 1e9}}, "log.age has to be a number of days from 0.01 to 3650, or null"},
		{outgoing, doc{"log": doc{"entries": 0}}, "log.entries has to be a whole number of entries from 1 to 10000000, or null"},
		{outgoing, doc{"log": doc{"bytes": "1 GB"}}, "log.bytes has to be a whole number of bytes from 1 to 1099511627776, or null"},
		{outgoing, doc{"ratelimit": 5}, "ratelimit is no option; there are integrationId, policy, retry, order, tls, limits, log, updatedAt"},
		{incoming, doc{"policy": "grapnel"}, "policy is of outgoing integrations alone; this one is incoming"},
		{incoming, doc{"retry": doc{"attempts": 2, "first": 1, "longest": 2}}, "retry is of outgoing integrations alone; this one is incoming"},
		{incoming, doc{"order": "url"}, "order is of outgoing integrations alone; this one is incoming"},
		{incoming, doc{"tls": doc{"insecure": true}}, "tls is of outgoing integrations alone; this one is incoming"},
		{incoming, doc{"limits": doc{"body": 1 << 31}}, "limits.body has to be a whole number of bytes from 1 to 1073741824, or null"},
	}
	for _, tt := range tests {
		s.setOptions(s.admin, tt.of, changed(doc{"log": doc{"entries": 5}}, tt.sent)).fails(400, tt.want+" [error-invalid-options]", "error-invalid-options")
	}
	for _, id := range []string{outgoing, incoming} {
		wantOptions(t, s.options(s.admin, id), changed(noOptions(id), kept)) // nothing of them was stored
	}
	s.send(http.MethodPut, s.admin, optionsPath, doc{"policy": "grapnel"}).refuses(7, "body", missing("integrationId"))
	s.setOptions(s.admin, incoming, doc{"limits": doc{"body": 5, "rate": 1, "burst": 2}}).is(200)
}
