package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/grapnel-chat/grapnel/store"
	"github.com/grapnel-chat/grapnel/workspace"
)

type userCommands struct {
	ResetPassword resetPassword `cmd:"" help:"Give a user a new password and end all their logins. The server must not be running on the folder."`
}

type resetPassword struct {
	dataSettings

	Name     string `arg:"" help:"Username."`
	Password string `name:"password" env:"NEW_PASSWORD" help:"The new password. Default: one is generated and printed."`
}

// Run resets the password and prints it where it was generated.
func (r *resetPassword) Run() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if _, err := os.Stat(filepath.Join(r.DataDir, "grapnel.db")); err != nil && r.MongoURL == "" {
		return fmt.Errorf("there is no data in %s: name the folder with --data-dir", r.DataDir)
	}
	s, err := r.open(ctx)
	if err != nil {
		return err
	}
	err = r.reset(ctx, s)
	return errors.Join(err, s.Close())
}

func (r *resetPassword) reset(ctx context.Context, s store.Store) error {
	password := r.Password
	if password == "" {
		password = newPassword()
	}
	err := workspace.ResetPassword(ctx, s, r.Name, workspace.Password{Plain: password})
	if errors.Is(err, workspace.ErrNotFound) {
		return fmt.Errorf("there is no user %q in %s", r.Name, r.place())
	}
	if err != nil || r.Password != "" {
		return err
	}
	_, err = fmt.Fprintf(os.Stdout, "New password of %s: %s\n", r.Name, password)
	return err
}

// newPassword has 20 characters, 114 bits of chance.
func newPassword() string { return workspace.RandomText(20) }
