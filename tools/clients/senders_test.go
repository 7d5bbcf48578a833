package clients_test

import (
	"net/url"
	"strings"
	"testing"
)

// The products below post to chats in Slack's way or have Rocket.Chat among their channels. What they
// send was read in their own code; the values are ours.

// TestGrafana posts as Grafana's contact point of the type Slack does to a webhook URL.
func TestGrafana(t *testing.T) {
	s := start(t)
	s.checks("Grafana", "an alert as a card to a hook, and to one that answers with ok")
	const body = `{"channel":"#general","username":"Grafana","icon_url":"https://grafana.example.com/icon.png","attachments":[{` +
		`"title":"[FIRING:1] High load (web-1)","title_link":"https://grafana.example.com/alerting/list","text":"**Firing**\n\nload is 12.5\n",` +
		`"fallback":"[FIRING:1] High load (web-1)","footer":"Grafana v11.6.0","footer_icon":"https://grafana.com/static/assets/img/fav32.png",` +
		`"color":"#D63232","ts":1763735495,"pretext":"<!here|here>","mrkdwn_in":["pretext"]}]}`
	header := map[string]string{"Content-Type": "application/json; charset=utf-8", "User-Agent": "Grafana"}

	t.Run("to a hook", func(t *testing.T) {
		s := s.in(t)
		answer := s.post(s.of(s.incoming(map[string]any{"overrideDestinationChannelEnabled": true})), header, body)
		want(t, "answer", answer, `{"success":true}`)
		got := s.newest("general")
		want(t, "alias", got.Alias, "Grafana")
		want(t, "avatar", got.Avatar, "https://grafana.example.com/icon.png")
		want(t, "text", got.Text, "")
		card := got.Attachments[0]
		wantMember(t, card, "title", "[FIRING:1] High load (web-1)")
		wantMember(t, card, "text", "**Firing**\n\nload is 12.5\n")
		wantMember(t, card, "color", "#D63232")
		wantMember(t, card, "ts", 1763735495)
		wantMember(t, card, "footer", "Grafana v11.6.0")
	})
	t.Run("to a hook that answers as Grafana 10 and later want it", func(t *testing.T) {
		s := s.in(t)
		h := s.incoming(map[string]any{
			"overrideDestinationChannelEnabled": true, "scriptEnabled": true,
			"script": `class Script {
				process_incoming_request({ request }) {
					return { content: request.content, response: { ok: true } };
				}
			}`,
		})
		want(t, "answer", s.post(s.of(h), header, body), `{"ok":true,"success":true}`)
		want(t, "alias", s.newest("general").Alias, "Grafana")
		want(t, "bot.i", s.newest("general").Bot.I, h.ID)
	})
}

// TestZabbix calls the API as Zabbix's media type Rocket.Chat does: a problem, a link to it, and what
// becomes of it as replies.
func TestZabbix(t *testing.T) {
	s := start(t)
	s.checks("Zabbix", "a problem as a card, what becomes of it in its thread")
	s.impersonating("admin")
	header := map[string]string{
		"Content-Type": "application/json", "X-Auth-Token": s.admin.Get("X-Auth-Token"), "X-User-Id": s.admin.Get("X-User-Id"),
	}
	api := s.url.JoinPath("api", "v1").String() + "/"
	var made struct {
		Channel string
		Message message
	}
	fromJSON(t, s.post(api+"chat.postMessage", header, `{"channel":"#general","attachments":[{"collapsed":false,"color":"#E45959",`+
		`"title":"Problem: Disk space is low on db-1","title_link":"https://zabbix.example.com/tr_events.php?triggerid=1&eventid=2","fields":[`+
		`{"title":"Host","value":"db-1 [192.0.2.7]","short":false},{"title":"Severity","value":"Disaster","short":true}]}]}`), &made)
	want(t, "channel", made.Channel, "#general")
	var room struct{ Room struct{ T, Name string } }
	s.call("GET", "rooms.info?roomId="+made.Message.RoomID, nil, &room)
	want(t, "rooms.info", room.Room.T+" "+room.Room.Name, "c general")

	s.post(api+"chat.sendMessage", header, `{"message":{"rid":"`+made.Message.RoomID+`","tmid":"`+made.Message.ID+`","tshow":true,`+
		`"alias":"Ada","msg":"acknowledged, commented","attachments":[{"color":"#E45959","text":"looking into it"}]}}`)
	reply := s.newest("general")
	want(t, "thread", reply.ThreadID, made.Message.ID)
	want(t, "shown in the room", reply.InRoom, true)
	want(t, "alias", reply.Alias, "Ada")
	want(t, "text", reply.Text, "acknowledged, commented")

	s.post(api+"chat.sendMessage", header, `{"message":{"rid":"`+made.Message.RoomID+`","tmid":"`+made.Message.ID+`","tshow":true,"attachments":[{`+
		`"collapsed":false,"color":"#009900","title":"Resolved: Disk space is low on db-1","fields":[{"title":"Event duration","value":"7m","short":true}]}]}}`)
	wantMember(t, s.newest("general").Attachments[0], "title", "Resolved: Disk space is low on db-1")
	var thread struct{ Messages []message }
	s.call("GET", "chat.getThreadMessages?tmid="+made.Message.ID, nil, &thread)
	want(t, "number of replies", len(thread.Messages), 2)
}

// TestUptimeKuma posts as Uptime Kuma's notifications of the type Rocket.Chat do, first its test.
func TestUptimeKuma(t *testing.T) {
	s := start(t)
	s.checks("Uptime Kuma", "its test and an alert under its name and emoji")
	h := s.incoming(map[string]any{"overrideDestinationChannelEnabled": true})
	header := map[string]string{
		"Content-Type": "application/json", "Accept": "application/json, text/plain, */*", "User-Agent": "axios/0.28.1",
	}
	s.post(s.of(h), header, `{"text":"Uptime Kuma Rocket.chat testing successful.","channel":"#general","username":"Kuma","icon_emoji":":bear:"}`)
	tested := s.newest("general")
	want(t, "text", tested.Text, "Uptime Kuma Rocket.chat testing successful.")
	want(t, "alias", tested.Alias, "Kuma")
	want(t, "emoji", tested.Emoji, ":bear:")

	s.post(s.of(h), header, `{"text":"Uptime Kuma Alert","channel":"#general","username":"Kuma","icon_emoji":":bear:","attachments":[{`+
		`"title":"Uptime Kuma Alert *Time (UTC)*\n2026-11-21 14:31:35.123","title_link":"https://status.example.com",`+
		`"text":"*Message*\n[Shop] [🔴 Down] connect ECONNREFUSED 192.0.2.7:443","color":"#32cd32"}]}`)
	down := s.newest("general")
	want(t, "text", down.Text, "Uptime Kuma Alert")
	wantMember(t, down.Attachments[0], "title_link", "https://status.example.com")
	wantMember(t, down.Attachments[0], "text", "*Message*\n[Shop] [🔴 Down] connect ECONNREFUSED 192.0.2.7:443")
}

// TestJenkins posts as two plugins of Jenkins do: the one for Slack, with a base URL of its own, and
// the one for Rocket.Chat.
func TestJenkins(t *testing.T) {
	s := start(t)
	s.checks("Jenkins", "a form with payload= by Slack Notification, JSON by RocketChat Notifier")
	s.call("POST", "channels.create", map[string]any{"name": "builds"}, nil)
	h := s.incoming(map[string]any{"overrideDestinationChannelEnabled": true})

	t.Run("Slack Notification", func(t *testing.T) {
		s := s.in(t)
		form := url.Values{"payload": {`{"channel":"#builds","attachments":[{"fallback":"shop » main - #17 Failure","color":"danger",` +
			`"fields":[{"short":false,"value":"shop » main - #17 Failure after 3 min (<https://jenkins.example.com/job/shop/17/|Open>)"}],` +
			`"mrkdwn_in":["pretext","text","fields"]}],"link_names":"1","unfurl_links":"true","unfurl_media":"true"}`}}
		s.post(s.of(h), map[string]string{"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}, form.Encode())
		card := s.newest("builds").Attachments[0]
		wantMember(t, card, "color", "danger")
		wantMember(t, card, "fields", []any{map[string]any{
			"short": false, "value": "shop » main - #17 Failure after 3 min (<https://jenkins.example.com/job/shop/17/|Open>)",
		}})
	})
	t.Run("RocketChat Notifier", func(t *testing.T) {
		s := s.in(t)
		answer := s.post(s.of(h), map[string]string{"Content-Type": "application/json"},
			`{"channel":"#builds","text":"Job: shop » main","emoji":":jenkins:","attachments":[{"color":"red","title":"shop » main",`+
				`"title_link":"https://jenkins.example.com/job/shop/17/","text":"#17 failed","collapsed":false}]}`)
		want(t, "answer", answer, `{"success":true}`)
		got := s.newest("builds")
		want(t, "text", got.Text, "Job: shop » main")
		want(t, "emoji", got.Emoji, ":jenkins:")
		wantMember(t, got.Attachments[0], "text", "#17 failed")
	})
}

// TestIcinga posts as Icinga's notification scripts for Slack do, which call curl.
func TestIcinga(t *testing.T) {
	s := start(t)
	s.checks("Icinga", "forms with payload=, encoded by curl and not")
	s.call("POST", "channels.create", map[string]any{"name": "alerts"}, nil)
	h := s.incoming(map[string]any{"overrideDestinationChannelEnabled": true})
	header := map[string]string{"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "curl/8.5.0", "Accept": "*/*"}

	t.Run("a text", func(t *testing.T) {
		s := s.in(t)
		const link = "<http://icinga.example.com/icingaweb2/monitoring/service/show?host=db-1&service=disk|disk /var>"
		s.post(s.of(h), header, url.Values{"payload": {`{"channel": "#alerts", "username": "icinga2", "text": ":bomb: HOST: db-1   SERVICE: ` + link +
			`  STATE: CRITICAL"}`}}.Encode())
		got := s.newest("alerts")
		want(t, "alias", got.Alias, "icinga2")
		want(t, "text", got.Text, ":bomb: HOST: db-1   SERVICE: "+link+"  STATE: CRITICAL")
	})
	t.Run("a card", func(t *testing.T) {
		s := s.in(t)
		s.post(s.of(h), header, url.Values{"payload": {strings.TrimSpace(`
{
  "channel": "#alerts",
  "username": "icinga2",
  "attachments": [
    {
      "fallback": "DOWN: db-1",
      "color": "danger",
      "fields": [
        {"title": "Info", "value": "PING CRITICAL - Packet loss = 100%", "short": false},
        {"title": "State", "value": "DOWN", "short": true}
      ]
    }
  ]
}`)}}.Encode())
		card := s.newest("alerts").Attachments[0]
		wantMember(t, card, "fallback", "DOWN: db-1")
		wantMember(t, card, "color", "danger")
		wantMember(t, card, "fields", []any{
			map[string]any{"title": "Info", "value": "PING CRITICAL - Packet loss = 100%", "short": false},
			map[string]any{"title": "State", "value": "DOWN", "short": true},
		})
	})
	t.Run("a card whose signs curl did not encode", func(t *testing.T) { // --data instead of --data-urlencode
		s := s.in(t)
		s.post(s.of(h), header, `payload={"channel": "#alerts", "username": "icinga2", "text": "db-1 is UP"}`)
		want(t, "text", s.newest("alerts").Text, "db-1 is UP")
	})
}
