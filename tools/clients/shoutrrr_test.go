package clients_test

import (
	"io"
	"log"
	"net/url"
	"testing"

	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/rocketchat"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"
)

// TestShoutrrr posts through shoutrrr, which Watchtower and its like use. It speaks TLS alone.
func TestShoutrrr(t *testing.T) {
	s := start(t)
	s.checks("shoutrrr", "messages through a hook, under a name, to another channel; refusals are told")
	s.call("POST", "channels.create", map[string]any{"name": "deploys"}, nil)
	plain := s.incoming(nil)
	free := s.incoming(map[string]any{"overrideDestinationChannelEnabled": true})
	at, client := s.behindTLS()
	service := func(t *testing.T, h hook, user, channel string) *rocketchat.Service {
		t.Helper()
		address := &url.URL{Scheme: rocketchat.Scheme, Host: at.Host, Path: "/" + h.ID + "/" + h.Token + channel}
		if user != "" {
			address.User = url.User(user)
		}
		made := &rocketchat.Service{Client: client}
		must(t, made.Initialize(address, log.New(io.Discard, "", 0)))
		return made
	}

	t.Run("a message under a name", func(t *testing.T) {
		s := s.in(t)
		must(t, service(t, plain, "watchtower", "").Send("Found new image nginx:latest", nil))
		got := s.newest("general")
		want(t, "text", got.Text, "Found new image nginx:latest")
		want(t, "alias", got.Alias, "watchtower")
		want(t, "author", got.Author.Username, "rocket.cat")
		want(t, "bot.i", got.Bot.I, plain.ID)
	})
	t.Run("to another channel", func(t *testing.T) {
		s := s.in(t)
		must(t, service(t, free, "", "/deploys").Send("by the URL", nil))
		want(t, "text", s.newest("deploys").Text, "by the URL")
		must(t, service(t, free, "", "").Send("by a parameter", &types.Params{"channel": "#deploys"}))
		want(t, "text", s.newest("deploys").Text, "by a parameter")
	})
	t.Run("to a channel that the hook does not permit", func(t *testing.T) {
		s := s.in(t)
		err := service(t, plain, "", "/deploys").Send("elsewhere", nil)
		if !refused(err, "400 ") || !refused(err, "overriding destination channel is disabled for this integration") {
			t.Errorf("Send = %v, want the refusal of the channel", err)
		}
		want(t, "text in #deploys", s.newest("deploys").Text, "by a parameter")
	})
	t.Run("with a wrong token", func(t *testing.T) {
		if err := service(t, hook{plain.ID, "wrong"}, "", "").Send("nobody", nil); !refused(err, "500 Internal Server Error") {
			t.Errorf("Send = %v, want upstream's 500", err)
		}
	})
}
