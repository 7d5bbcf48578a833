package delivery_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grapnel-chat/grapnel/delivery"
	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/outbound"
	"github.com/grapnel-chat/grapnel/workspace"
)

// person adds a user.
func (s *server) person(username string, roles ...string) workspace.User {
	s.t.Helper()
	at := time.Now().UTC().Truncate(time.Millisecond)
	u := workspace.User{ID: workspace.NewID(), Username: username, Name: username, Roles: roles, Active: true, CreatedAt: at, UpdatedAt: at}
	must(s.t, s.store.AddUser(s.t.Context(), u, nil, nil))
	return u
}

// told answers what rocket.cat has written to a user, the newest first.
func (s *server) told(u workspace.User) (texts []string) {
	s.t.Helper()
	rooms, _, err := s.store.Rooms(s.t.Context(), workspace.RoomFilter{Type: workspace.Direct, Member: u.ID}, workspace.Page{})
	must(s.t, err)
	for _, room := range rooms {
		messages, _, err := s.store.Messages(s.t.Context(), workspace.MessageFilter{RoomID: room.ID}, workspace.Page{})
		must(s.t, err)
		for _, m := range messages {
			if m.Author.ID != workspace.BotID {
				s.t.Errorf("%s was told by %s", u.Username, m.Author.Username)
			}
			texts = append(texts, m.Text)
		}
	}
	return texts
}

// unreachable is a receiver that no call reaches while it is down.
func unreachable(down func(url string) bool) *receiver {
	return &receiver{answer: func(_ context.Context, _ int, r outbound.Request) (*outbound.Response, error) {
		if down(r.URL) {
			return nil, errors.New("connection refused")
		}
		return response(200, `{}`), nil
	}}
}

// seldom lets a worker look around once an hour. These tests pass weeks, in which it would look
// hundreds of thousands of times.
func seldom(c *delivery.Config) { c.Rounds = time.Hour }

// sayFor posts a message every six hours, for a time.
func (s *server) sayFor(d time.Duration) {
	s.t.Helper()
	for end := time.Now().Add(d); time.Now().Before(end); {
		s.say("tick")
		pass(6 * time.Hour)
	}
}

// TestOutage holds that people are told of a receiver that had no success for a day, once, also over a
// restart, and that its integration is disabled after five, which ends the outage.
func TestOutage(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	dir := folder(t)
	synctest.Test(t, func(t *testing.T) {
		r := unreachable(func(url string) bool { return !strings.HasSuffix(url, "direct") })
		s := open(t, dir)
		creator, chief, other := s.person("creator", "user"), s.person("chief", workspace.RoleAdmin), s.person("other", "user")
		i := s.listener(to("http://receiver.example/secret-path"), func(i *integrations.Integration) {
			i.Name, i.CreatedBy = "deploys", integrations.Actor{ID: creator.ID, Username: creator.Username}
		})
		// One that listens to direct messages must not be set off by what is told of itself.
		s.listener(to("http://receiver.example/direct"), func(i *integrations.Integration) { i.Channels = []string{integrations.AllDirectMessages} })
		stop := s.start(r, seldom)
		s.sayFor(day - time.Hour)
		if got := s.told(creator); len(got) != 0 {
			t.Fatalf("told before a day had passed: %q", got)
		}
		s.sayFor(12 * time.Hour)
		wantTold := func(n int) {
			t.Helper()
			for _, u := range []workspace.User{creator, chief, s.admin} {
				if got := s.told(u); len(got) != n {
					t.Errorf("%s was told %q, want %d messages", u.Username, got, n)
				}
			}
			if got := s.told(other); len(got) != 0 {
				t.Errorf("somebody else was told %q", got)
			}
		}
		wantTold(1)
		first := s.told(creator)[0]
		for _, part := range []string{"deploys", "receiver.example", "connection refused", "1 January 2000 00:0"} {
			if !strings.Contains(first, part) {
				t.Errorf("the message %q does not say %q", first, part)
			}
		}
		if strings.Contains(first, "secret-path") {
			t.Errorf("the message %q shows the URL's path", first)
		}
		stop()
		s.close()

		s = open(t, dir)
		defer s.close()
		s.start(r, seldom)
		s.sayFor(3 * day)
		wantTold(1)
		s.sayFor(day)
		wantTold(2)
		if now, _ := s.service.Outgoing(i.ID); now.Enabled {
			t.Error("the integration is enabled after five days without a success")
		}
		if got := s.told(creator)[0]; !strings.Contains(got, "was disabled") {
			t.Errorf("told %q in the end, want that it was disabled", got)
		}
		if left, err := s.store.Outages(t.Context()); err != nil || len(left) > 1 {
			t.Errorf("outages %v, %v of an integration that is disabled", left, err)
		}
	})
}

// TestOutageEnds holds that one success ends an outage, and that an integration whose other URL works is
// told about and not disabled.
func TestOutageEnds(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	bubble(t, func(t *testing.T, s *server) {
		mended := false
		r := unreachable(func(url string) bool { return url == dead && !mended })
		i := s.listener(to(dead, alive))
		s.start(r, seldom)
		s.sayFor(8 * day)
		if now, _ := s.service.Outgoing(i.ID); !now.Enabled {
			t.Error("the integration is disabled although one of its URLs works")
		}
		if got := s.told(s.admin); len(got) != 1 {
			t.Errorf("told %q, want once", got)
		}
		if got := s.service.Outages(); got != 1 {
			t.Errorf("%d outages, want 1", got)
		}
		mended = true
		s.sayFor(6 * time.Hour)
		if left, err := s.store.Outages(t.Context()); err != nil || len(left) != 0 || s.service.Outages() != 0 {
			t.Errorf("outages %v, %v after a success", left, err)
		}
		mended = false
		s.sayFor(day + 6*time.Hour)
		if got := s.told(s.admin); len(got) != 2 {
			t.Errorf("told %q, want of the second outage, too", got)
		}
	})
}

// TestOutageIsOverWhenDisabled holds that time counts anew once somebody has enabled an integration
// again, and that whoever cannot be told now is told later.
func TestOutageIsOverWhenDisabled(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	bubble(t, func(t *testing.T, s *server) {
		i := s.listener()
		s.start(unreachable(func(string) bool { return true }), seldom)
		s.sayFor(4 * day)
		must(t, s.service.Disable(t.Context(), i.ID))
		pass(2 * day)
		i.Enabled = true
		must(t, s.store.SaveIntegration(t.Context(), i))
		s.index.Put(i)
		s.sayFor(4 * day)
		if now, _ := s.service.Outgoing(i.ID); !now.Enabled {
			t.Error("disabled four days after somebody enabled it")
		}
		if got := s.told(s.admin); len(got) != 2 {
			t.Errorf("told %q, want of both outages", got)
		}
	})
}

// outSince lets an outage of an integration have begun days ago, and people have been told of it then or
// not at all.
func (s *server) outSince(i integrations.Integration, days int, told time.Time) {
	s.t.Helper()
	o := integrations.Outage{
		Lane: integrations.LaneTo(i.ID, i.URLs[0], false).String(), IntegrationID: i.ID, URL: i.URLs[0], LastError: "connection refused",
		Since: time.Now().UTC().AddDate(0, 0, -days),
	}
	o, err := s.store.AddOutage(s.t.Context(), o)
	must(s.t, err)
	o.Told = told
	must(s.t, s.store.SaveOutage(s.t.Context(), o))
	must(s.t, s.service.FollowOutages(s.t.Context()))
}

// TestOutageEndsInAnyLane holds that a success ends an outage that began before the integration asked
// for order.
func TestOutageEndsInAnyLane(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, s *server) {
		i := s.listener()
		s.outSince(i, 3, time.Time{})
		s.index.PutOptions(integrations.Options{IntegrationID: i.ID, Ordered: true})
		s.start(answering(response(200, `{}`)))
		s.say("x")
		quiet()
		if left, err := s.store.Outages(t.Context()); err != nil || len(left) != 0 {
			t.Errorf("outages %v, %v after a success", left, err)
		}
	})
}

// TestOutageOfTheSeldomCalled holds that people know of an outage for four days before an integration
// is disabled, however long it has lasted when it is noticed.
func TestOutageOfTheSeldomCalled(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	bubble(t, func(t *testing.T, s *server) {
		i := s.listener()
		s.start(unreachable(func(string) bool { return true }))
		want := func(told int, enabled bool) {
			t.Helper()
			s.say("weekly")
			quiet()
			if now, _ := s.service.Outgoing(i.ID); now.Enabled != enabled || len(s.told(s.admin)) != told {
				t.Errorf("enabled %t, told %q; want %t and %d messages", now.Enabled, s.told(s.admin), enabled, told)
			}
		}
		s.outSince(i, 7, time.Time{})
		want(1, true)
		s.outSince(i, 7, time.Now().Add(-4*day+time.Minute))
		want(1, true)
		s.outSince(i, 7, time.Now().Add(-4*day))
		want(2, false)
	})
}

// TestOutageWithNobodyToTell holds that an integration is disabled although its users cannot be told.
func TestOutageWithNobodyToTell(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(s *server){
		"rocket.cat is gone": func(s *server) { must(s.t, s.store.RemoveUser(s.t.Context(), workspace.BotID)) },
		"messages are short": func(s *server) {
			must(s.t, s.chat.ChangeSetting(s.t.Context(), "Message_MaxAllowedSize", []byte("10")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T, s *server) {
				i := s.listener()
				change(s)
				s.outSince(i, 5, time.Now().AddDate(0, 0, -4))
				s.start(unreachable(func(string) bool { return true }))
				s.say("x")
				quiet()
				if now, _ := s.service.Outgoing(i.ID); now.Enabled {
					t.Error("the integration is enabled after five days without a success")
				}
			})
		})
	}
}

// TestSuccessIsThePolicys holds that what one policy takes for a failure begins an outage under that
// policy alone.
func TestSuccessIsThePolicys(t *testing.T) {
	t.Parallel()
	for policy, want := range map[integrations.Policy]int{integrations.PolicyRocketChat: 1, integrations.PolicyGrapnel: 0} {
		bubble(t, func(t *testing.T, s *server) {
			s.listener()
			s.start(answering(response(200, ``)), func(c *delivery.Config) { c.Policy = policy })
			s.say("x")
			quiet()
			if got := s.service.Outages(); got != want {
				t.Errorf("policy %s: %d outages after an empty answer, want %d", policy, got, want)
			}
		})
	}
}
