package main

import (
	"bytes"
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/json"
	"errors"
	"net/http"
	"os"
)

var (
	//go:embed testdata/github-push.json
	githubPush []byte
	//go:embed testdata/push.js
	pushScript string
)

// pushWithText is the body of every measured request: GitHub's push, and a text, so that a hook
// without a script stores a real message.
func pushWithText() []byte {
	const text = `{"text":"adatamm pushed to main of northwind-labs/ledger-service",`
	return append([]byte(text), bytes.TrimPrefix(githubPush, []byte("{"))...)
}

// installation is a grapnel binary with a data folder: it can be started, stopped and started
// again.
type installation struct {
	binary   string
	logs     string
	data     string
	password string
}

func newInstallation(binary, dir string) (installation, error) {
	data, err := os.MkdirTemp(dir, "data-")
	return installation{binary: binary, logs: dir, data: data, password: rand.Text()}, err
}

func (i installation) start(ctx context.Context) (*process, error) {
	return start(ctx, command{
		name: "grapnel",
		path: i.binary,
		args: func(string) []string { return []string{"serve"} },
		env: func(port string) []string {
			return []string{
				"PORT=" + port, "BIND_IP=127.0.0.1", "ROOT_URL=http://127.0.0.1:" + port, "DATA_DIR=" + i.data,
				"ADMIN_USERNAME=admin", "ADMIN_PASS=" + i.password, "ADMIN_EMAIL=admin@example.com",
			}
		},
		dir: i.logs,
	})
}

// admin is a logged-in administrator of a running grapnel.
type admin struct {
	server *process
	header http.Header
}

func (i installation) login(ctx context.Context, server *process) (admin, error) {
	a := admin{server: server, header: http.Header{"Content-Type": {"application/json"}}}
	var out struct {
		Data struct{ UserID, AuthToken string }
	}
	err := a.post(ctx, "/api/v1/login", map[string]string{"user": "admin", "password": i.password}, &out)
	if err != nil {
		return admin{}, err
	}
	a.header.Set("X-User-Id", out.Data.UserID)
	a.header.Set("X-Auth-Token", out.Data.AuthToken)
	return a, nil
}

// incoming creates an incoming integration and gives the path of its hook.
func (a admin) incoming(ctx context.Context, name, script string) (string, error) {
	var out struct {
		Integration struct {
			ID    string `json:"_id"`
			Token string
		}
	}
	err := a.post(ctx, "/api/v1/integrations.create", map[string]any{
		"type": "webhook-incoming", "username": "rocket.cat", "channel": "#general", "name": name, "enabled": true,
		"scriptEnabled": script != "", "script": script,
	}, &out)
	if err == nil && (out.Integration.ID == "" || out.Integration.Token == "") {
		err = errors.New("integrations.create gave no _id and token")
	}
	return "/hooks/" + out.Integration.ID + "/" + out.Integration.Token, err
}

// outgoing creates an outgoing integration for messages that the load never posts.
func (a admin) outgoing(ctx context.Context, name string) error {
	return a.post(ctx, "/api/v1/integrations.create", map[string]any{
		"type": "webhook-outgoing", "event": "sendMessage", "username": "rocket.cat", "channel": "all_private_groups",
		"name": name, "enabled": true, "scriptEnabled": false, "urls": []string{"http://127.0.0.1:9/never"},
	}, nil)
}

func (a admin) post(ctx context.Context, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	answer, err := a.server.fetch(ctx, http.MethodPost, path, a.header.Clone(), body)
	if err != nil || out == nil {
		return err
	}
	return json.Unmarshal(answer, out)
}
