package beside

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
	// PushScript turns GitHub's push into a message, keeping nothing between calls.
	//go:embed testdata/push.js
	PushScript string
)

// PushWithText is the body of every measured request: GitHub's push, and a text, so that a hook
// without a script stores a real message.
func PushWithText() []byte {
	const text = `{"text":"adatamm pushed to main of northwind-labs/ledger-service",`
	return append([]byte(text), bytes.TrimPrefix(githubPush, []byte("{"))...)
}

// Installation is a grapnel binary with a data folder: it can be started, stopped and started
// again.
type Installation struct {
	Binary   string
	Logs     string
	Data     string
	Password string
	Mongo    string // address of the database to keep all in; empty: the data folder
	Unlogged bool   // requests and calls are not logged
}

// NewInstallation makes a data folder and a password.
func NewInstallation(binary, dir string) (Installation, error) {
	data, err := os.MkdirTemp(dir, "data-")
	return Installation{Binary: binary, Logs: dir, Data: data, Password: rand.Text()}, err
}

// Start starts the server on the data folder.
func (i Installation) Start(ctx context.Context) (*Process, error) {
	return Start(ctx, Command{
		Name: "grapnel",
		Path: i.Binary,
		Args: func(string) []string { return []string{"serve"} },
		Env: func(port string) []string {
			log := "full"
			if i.Unlogged {
				log = "off"
			}
			return []string{
				"REQUEST_LOG=" + log,
				"PORT=" + port, "BIND_IP=127.0.0.1", "ROOT_URL=http://127.0.0.1:" + port, "DATA_DIR=" + i.Data, "OUTGOING_ALLOW=127.0.0.1", "MONGO_URL=" + i.Mongo,
				"ADMIN_USERNAME=admin", "ADMIN_PASS=" + i.Password, "ADMIN_EMAIL=admin@example.com",
			}
		},
		Dir: i.Logs,
	})
}

// Admin is a logged-in administrator of a running grapnel.
type Admin struct {
	server *Process
	header http.Header
}

// Login makes an administrator of the one that the first start founds.
func (i Installation) Login(ctx context.Context, server *Process) (Admin, error) {
	a := Admin{server: server, header: http.Header{"Content-Type": {"application/json"}}}
	var out struct {
		Data struct{ UserID, AuthToken string }
	}
	err := a.post(ctx, "/api/v1/login", map[string]string{"user": "admin", "password": i.Password}, &out)
	if err != nil {
		return Admin{}, err
	}
	a.header.Set("X-User-Id", out.Data.UserID)
	a.header.Set("X-Auth-Token", out.Data.AuthToken)
	return a, nil
}

// Hook is an incoming integration as its creator learns of it.
type Hook struct {
	ID, Token   string
	ScriptError string // what saving its script led to
}

// Path is where it is called.
func (h Hook) Path() string { return "/hooks/" + h.ID + "/" + h.Token }

// Incoming creates an incoming integration.
func (a Admin) Incoming(ctx context.Context, name, script string) (Hook, error) {
	return a.IncomingTo(ctx, name, "#general", script)
}

// IncomingTo creates an incoming integration for a room.
func (a Admin) IncomingTo(ctx context.Context, name, channel, script string) (Hook, error) {
	var out struct {
		Integration struct {
			ID          string `json:"_id"`
			Token       string
			ScriptError struct{ Message string }
		}
	}
	err := a.post(ctx, "/api/v1/integrations.create", map[string]any{
		"type": "webhook-incoming", "username": "rocket.cat", "channel": channel, "name": name, "enabled": true,
		"scriptEnabled": script != "", "script": script,
	}, &out)
	made := out.Integration
	if err == nil && (made.ID == "" || made.Token == "") {
		err = errors.New("integrations.create gave no _id and token")
	}
	return Hook{made.ID, made.Token, made.ScriptError.Message}, err
}

// Header is what its requests carry.
func (a Admin) Header() http.Header { return a.header.Clone() }

// Channel makes a room.
func (a Admin) Channel(ctx context.Context, name string) error {
	return a.post(ctx, "/api/v1/channels.create", map[string]any{"name": name}, nil)
}

// Listening creates an outgoing integration for the messages of a room, and answers its id.
func (a Admin) Listening(ctx context.Context, name, channel string, urls ...string) (id string, err error) {
	var out struct {
		Integration struct {
			ID string `json:"_id"`
		}
	}
	err = a.post(ctx, "/api/v1/integrations.create", map[string]any{
		"type": "webhook-outgoing", "event": "sendMessage", "username": "rocket.cat", "channel": channel,
		"name": name, "enabled": true, "scriptEnabled": false, "urls": urls, "token": "token", "retryFailedCalls": true,
	}, &out)
	return out.Integration.ID, err
}

// SetOptions sets options of an integration.
func (a Admin) SetOptions(ctx context.Context, id string, options map[string]any) error {
	options["integrationId"] = id
	body, err := json.Marshal(options)
	if err != nil {
		return err
	}
	_, err = a.server.Fetch(ctx, http.MethodPut, "/api/v1/integrations.options", a.header.Clone(), body)
	return err
}

// LastError tells why a hook's script failed last, nothing if it never did.
func (a Admin) LastError(ctx context.Context, h Hook) (string, error) {
	answer, err := a.server.Fetch(ctx, http.MethodGet, "/api/v1/integrations.lastRun?integrationId="+h.ID, a.header.Clone(), nil)
	if err != nil {
		return "", err
	}
	var out struct{ LastError struct{ Message string } }
	err = json.Unmarshal(answer, &out)
	return out.LastError.Message, err
}

// Outgoing creates an outgoing integration for messages that the load never posts.
func (a Admin) Outgoing(ctx context.Context, name string) error {
	return a.post(ctx, "/api/v1/integrations.create", map[string]any{
		"type": "webhook-outgoing", "event": "sendMessage", "username": "rocket.cat", "channel": "all_private_groups",
		"name": name, "enabled": true, "scriptEnabled": false, "urls": []string{"http://127.0.0.1:9/never"},
	}, nil)
}

func (a Admin) post(ctx context.Context, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	answer, err := a.server.Fetch(ctx, http.MethodPost, path, a.header.Clone(), body)
	if err != nil || out == nil {
		return err
	}
	return json.Unmarshal(answer, out)
}
