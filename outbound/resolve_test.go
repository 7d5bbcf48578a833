package outbound

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

func TestNameIsJudgedWhereItLeads(t *testing.T) {
	addresses := map[string]string{"inside.test.": "10.0.0.5", "meta.test.": "169.254.169.254", "self.test.": "127.0.0.1"}
	c := newClient(t, "", Config{})
	c.dialer.Resolver = fakeResolver(t, func(name string) string { return addresses[name] })
	for name, address := range addresses {
		host := strings.TrimSuffix(name, ".")
		if err := c.Check(host); err != nil {
			t.Errorf("Check(%s) = %v, but the name says nothing", host, err)
		}
		_, err := c.Do(t.Context(), Request{URL: withSecrets("http://" + host)})
		mustNotLeak(t, err)
		if refused, ok := errors.AsType[*RefusedError](err); !ok || refused.Host != host || refused.Address != address {
			t.Errorf("Do(%s) = %v, want a refusal of %s", host, err, address)
		}
	}
}

// TestRebinding has a name that leads to a permitted address first and to a forbidden one after.
func TestRebinding(t *testing.T) {
	srv := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Connection", "close") })
	srvURL, _ := url.Parse(srv.URL)
	address := "127.0.0.1"
	c := newClient(t, "127.0.0.1", Config{})
	c.dialer.Resolver = fakeResolver(t, func(string) string { return address })
	call := Request{URL: "http://rebind.test:" + srvURL.Port()}
	if _, err := c.Do(t.Context(), call); err != nil {
		t.Fatal(err)
	}
	address = "127.0.0.2"
	_, err := c.Do(t.Context(), call)
	if refused, ok := errors.AsType[*RefusedError](err); !ok || refused.Address != address {
		t.Errorf("after rebinding: %v, want a refusal", err)
	}
}

func TestAllowedNameMayLeadAnywhere(t *testing.T) {
	srv := serve(t, func(http.ResponseWriter, *http.Request) {})
	srvURL, _ := url.Parse(srv.URL)
	c := newClient(t, "Inside.test", Config{})
	c.dialer.Resolver = fakeResolver(t, func(string) string { return "127.0.0.1" })
	if _, err := c.Do(t.Context(), Request{URL: "http://inside.TEST:" + srvURL.Port()}); err != nil {
		t.Error(err)
	}
	if _, err := c.Do(t.Context(), Request{URL: "http://other.test:" + srvURL.Port()}); err == nil {
		t.Error("another name at the same address was called")
	}
}

func TestUnknownName(t *testing.T) {
	c := newClient(t, "", Config{})
	c.dialer.Resolver = fakeResolver(t, func(string) string { return "" })
	_, err := c.Do(t.Context(), Request{URL: withSecrets("http://nowhere.test")})
	mustNotLeak(t, err)
	dns, ok := errors.AsType[*net.DNSError](err)
	if !ok || !dns.IsNotFound || !strings.Contains(err.Error(), "nowhere.test") {
		t.Errorf("got %v", err)
	}
}

// fakeResolver is a name server in memory. lookup gives a name's IPv4 address, or nothing.
func fakeResolver(t *testing.T, lookup func(name string) string) *net.Resolver {
	return &net.Resolver{
		PreferGo: true,
		Dial: func(context.Context, string, string) (net.Conn, error) {
			client, server := net.Pipe() // a stream, so messages are framed as over TCP
			go answerNames(t, server, lookup)
			return client, nil
		},
	}
}

func answerNames(t *testing.T, conn net.Conn, lookup func(string) string) {
	defer conn.Close()
	for {
		var size uint16
		if binary.Read(conn, binary.BigEndian, &size) != nil {
			return
		}
		query := make([]byte, size)
		if _, err := io.ReadFull(conn, query); err != nil {
			return
		}
		answer, err := answerName(query, lookup)
		if err != nil {
			t.Error(err)
			return
		}
		if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...)); err != nil {
			return
		}
	}
}

func answerName(query []byte, lookup func(string) string) ([]byte, error) {
	var msg dnsmessage.Message
	if err := msg.Unpack(query); err != nil {
		return nil, err
	}
	question := msg.Questions[0]
	reply := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: msg.ID, Response: true, RecursionAvailable: true},
		Questions: msg.Questions[:1],
	}
	switch addr := lookup(question.Name.String()); {
	case addr == "":
		reply.RCode = dnsmessage.RCodeNameError
	case question.Type == dnsmessage.TypeA:
		reply.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: question.Name, Class: question.Class},
			Body:   &dnsmessage.AResource{A: netip.MustParseAddr(addr).As4()},
		}}
	}
	return reply.Pack()
}

func silent() *log.Logger { return log.New(io.Discard, "", 0) }
