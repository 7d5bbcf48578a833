package clients_test

import (
	"strings"
	"testing"
	"time"

	"github.com/RocketChat/Rocket.Chat.Go.SDK/models"
	"github.com/RocketChat/Rocket.Chat.Go.SDK/rest"
)

// TestGoSDK calls what the REST client of Rocket.Chat's SDK for Go offers.
func TestGoSDK(t *testing.T) {
	s := start(t)
	s.checks("Rocket.Chat.Go.SDK", "login and logout, users, channels, groups, messages of every kind, direct messages")
	client := rest.NewClient(s.url, false)
	credentials := &models.UserCredentials{Email: "admin@example.com", Password: adminPassword}
	must(t, client.Login(credentials))
	if credentials.ID == "" || credentials.Token == "" {
		t.Fatalf("Login gave %+v, want a user id and a token", credentials)
	}
	general := &models.Channel{ID: "GENERAL", Name: "general"}

	t.Run("login", func(t *testing.T) {
		s := s.in(t)
		err := rest.NewClient(s.url, false).Login(&models.UserCredentials{Email: "admin@example.com", Password: "wrong"})
		if !refused(err, "Unauthorized") {
			t.Errorf("Login with a wrong password = %v", err)
		}
		again := rest.NewClient(s.url, false)
		must(t, again.Login(&models.UserCredentials{Email: "admin@example.com", Password: adminPassword}))
		said, err := again.Logout()
		must(t, err)
		want(t, "Logout", said, "You've been logged out!")
		if _, err := again.GetPublicChannels(); !refused(err, "You must be logged in to do this.") {
			t.Errorf("GetPublicChannels after Logout = %v", err)
		}
	})
	t.Run("information", func(t *testing.T) {
		info, err := client.GetServerInfo()
		must(t, err)
		if !strings.HasPrefix(info.Version, "7.") {
			t.Errorf("version %q, want one of 7", info.Version)
		}
	})
	t.Run("users", func(t *testing.T) {
		s := s.in(t)
		made, err := client.CreateUser(&models.CreateUserRequest{
			Name: "Ada", Email: "ada@example.com", Password: "a good password", Username: "ada",
		})
		must(t, err)
		want(t, "username", made.User.Username, "ada")
		change := &models.UpdateUserRequest{UserID: made.User.ID}
		change.Data.Name, change.Data.Email, change.Data.Password, change.Data.Username = "Ada L.", "ada@example.com", "another password", "ada"
		changed, err := client.UpdateUser(change)
		must(t, err)
		want(t, "name", changed.User.Name, "Ada L.")
		token, err := client.CreateToken(made.User.ID, "ada")
		must(t, err)
		theirs := rest.NewClient(s.url, false)
		must(t, theirs.Login(token))
		_, err = theirs.PostMessage(&models.PostMessage{Channel: "#general", Text: "here I am"})
		must(t, err)
		want(t, "author", s.newest("general").Author.Username, "ada")
	})
	t.Run("channels", func(t *testing.T) {
		s := s.in(t)
		s.call("POST", "channels.create", map[string]any{"name": "builds"}, nil)
		s.call("POST", "groups.create", map[string]any{"name": "secrets", "members": []string{"rocket.cat"}}, nil)
		public, err := client.GetPublicChannels()
		must(t, err)
		want(t, "channels", namesOf(public.Channels), "builds general")
		joined, err := client.GetJoinedChannels(nil)
		must(t, err)
		want(t, "joined channels", namesOf(joined.Channels), "builds general")
		private, err := client.GetPrivateGroups()
		must(t, err)
		want(t, "groups", namesOf(private.Groups), "secrets")
		info, err := client.GetChannelInfo(&models.Channel{Name: "builds"})
		must(t, err)
		if info.ID == "" || info.Type != "c" || info.UpdatedAt == nil || info.Timestamp == nil {
			t.Errorf("GetChannelInfo = %+v", info)
		}
		group, err := client.GetGroupInfo(&models.Channel{Name: "secrets"})
		must(t, err)
		want(t, "group's type", group.Type, "p")
		members, err := client.GetGroupMembers(group)
		must(t, err)
		want(t, "number of members", len(members), 2)
		_, err = client.PostMessage(&models.PostMessage{RoomID: group.ID, Text: "between us"})
		must(t, err)
		history, err := client.GroupHistory(group, true, time.Now().Add(time.Minute), &models.Pagination{Count: 1})
		must(t, err)
		if len(history) != 1 || history[0].Msg != "between us" {
			t.Errorf("GroupHistory = %+v", history)
		}
		err = client.LeaveChannel(info)
		if !refused(err, "You are the last owner. Please set new owner before leaving the room.") {
			t.Errorf("LeaveChannel of the last owner = %v", err)
		}
		must(t, client.LeaveChannel(general))
	})
	t.Run("messages", func(t *testing.T) {
		s := s.in(t)
		s.impersonating("admin")
		must(t, client.Send(general, "1 < 2"))
		want(t, "text", s.newest("general").Text, "1 &lt; 2")
		posted, err := client.PostMessage(&models.PostMessage{
			Channel: "general", Text: "build 7 failed, @ada", Alias: "ci", Emoji: ":bomb:",
			Attachments: []models.Attachment{{Title: "build 7", Color: "#f00", Fields: []models.AttachmentField{{Title: "branch", Value: "main", Short: true}}}},
		})
		must(t, err)
		got := s.newest("general")
		want(t, "id", got.ID, posted.Message.ID)
		want(t, "alias", got.Alias, "ci")
		want(t, "emoji", got.Emoji, ":bomb:")
		wantMember(t, got.Attachments[0], "fields", []any{map[string]any{"title": "branch", "value": "main", "short": true}})
		read, err := client.GetMessage(posted.Message.ID)
		must(t, err)
		want(t, "GetMessage", read.Msg, "build 7 failed, @ada")
		list, err := client.GetMessages(general, &models.Pagination{Count: 1})
		must(t, err)
		if len(list) != 1 || list[0].ID != posted.Message.ID {
			t.Errorf("GetMessages = %+v", list)
		}
		history, err := client.ChannelHistory(general, true, time.Now().Add(time.Minute), &models.Pagination{Count: 1})
		must(t, err)
		if len(history) != 1 || history[0].ID != posted.Message.ID {
			t.Errorf("ChannelHistory = %+v", history)
		}
		_, err = client.UpdateMessage(&models.UpdateMessage{RoomID: "GENERAL", MsgID: posted.Message.ID, Text: "build 7 passed"})
		must(t, err)
		want(t, "text", s.newest("general").Text, "build 7 passed")
		_, err = client.DeleteMessage(&models.DeleteMessage{RoomID: "GENERAL", MsgID: posted.Message.ID})
		must(t, err)
		want(t, "text", s.newest("general").Text, "1 &lt; 2")
	})
	t.Run("direct messages", func(t *testing.T) {
		room, err := client.CreateDirectMessage("rocket.cat")
		must(t, err)
		want(t, "type", room.Type, "d")
		_, err = client.PostMessage(&models.PostMessage{RoomID: room.ID, Text: "meow"})
		must(t, err)
		history, err := client.DMHistory(&models.Channel{ID: room.ID}, true, time.Now().Add(time.Minute), nil)
		must(t, err)
		if len(history) != 1 || history[0].Msg != "meow" {
			t.Errorf("DMHistory = %+v", history)
		}
	})
}

// namesOf are the names of rooms, in their order.
func namesOf(rooms []models.Channel) string {
	var names []string
	for _, room := range rooms {
		names = append(names, room.Name)
	}
	return strings.Join(names, " ")
}
