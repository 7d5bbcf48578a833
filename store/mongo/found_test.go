package mongo

import (
	"sync"
	"testing"

	"github.com/grapnel-chat/grapnel/workspace"
)

// Of servers that start together on a new database, one tells its administrator's password, and that
// is the one that counts.
func TestOneServerFounds(t *testing.T) {
	address := newDatabase(t)
	passwords := []string{"one", "two", "three"}
	made := make([]bool, len(passwords))
	var starting sync.WaitGroup
	for n, password := range passwords {
		s := openAt(t, address, plain)
		starting.Go(func() {
			var err error
			made[n], err = workspace.Found(t.Context(), s, workspace.Founding{Admin: workspace.Admin{Username: "admin", Password: password}})
			if err != nil {
				t.Error(err)
			}
		})
	}
	starting.Wait()
	s := openAt(t, address, plain)
	chat, err := workspace.Open(t.Context(), workspace.Config{Store: s})
	if err != nil {
		t.Fatal(err)
	}
	founders := 0
	for n, password := range passwords {
		_, err := chat.Login(t.Context(), workspace.Login{Username: "admin", Password: workspace.Password{Plain: password}})
		if made[n] {
			founders++
		}
		if made[n] != (err == nil) {
			t.Errorf("server %d: founder %v, its password: %v", n+1, made[n], err)
		}
	}
	if founders != 1 {
		t.Errorf("%d servers say that they made the workspace, want one", founders)
	}
	if _, total, err := s.Users(t.Context(), workspace.UserFilter{}, workspace.Page{}); err != nil || total != 2 {
		t.Errorf("%d users, %v, want the administrator and the bot", total, err)
	}
}
