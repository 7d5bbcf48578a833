package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/store"
	"github.com/grapnel-chat/grapnel/store/mongo"
)

// dataSettings say where the data is.
type dataSettings struct {
	DataDir  string `name:"data-dir" env:"DATA_DIR" default:"./grapnel-data" help:"Folder that holds everything the server keeps. It is made if it does not exist."`
	MongoURL string `name:"mongo-url" env:"MONGO_URL" help:"Address of a MongoDB that keeps everything in place of DATA_DIR, with the database's name: mongodb://host:27017/grapnel."`
}

// Validate refuses what is no address of a MongoDB.
func (s dataSettings) Validate() error {
	if s.MongoURL != "" && !mongo.IsAddress(s.MongoURL) {
		return errors.New("--mongo-url: this is no address of a MongoDB, which starts with mongodb:// or mongodb+srv://")
	}
	return nil
}

// open opens the store that the settings name.
func (s dataSettings) open(ctx context.Context) (store.Store, error) {
	if s.MongoURL != "" {
		kept, err := store.Open(ctx, s.MongoURL)
		if err != nil {
			return nil, fmt.Errorf("MONGO_URL %s: %w", s.place(), err)
		}
		return kept, nil
	}
	kept, err := store.Open(ctx, s.DataDir)
	if err != nil {
		return nil, fmt.Errorf("DATA_DIR %s: %w", s.DataDir, err)
	}
	return kept, nil
}

// place names where the data is, without what nobody may see.
func (s dataSettings) place() string {
	if s.MongoURL != "" {
		return mongo.Place(s.MongoURL)
	}
	return s.DataDir
}

// settings are everything that a server can be told. Names of the environment are Rocket.Chat's
// where it has one.
type settings struct {
	dataSettings

	Port    port    `name:"port" env:"PORT" default:"3000" help:"Port to listen on; 0 takes a free one."`
	BindIP  address `name:"bind-ip" env:"BIND_IP" default:"0.0.0.0" help:"Address to listen on."`
	RootURL rootURL `name:"root-url" env:"ROOT_URL" help:"Where people reach the server; a path in it is served. Default: http://localhost and the port."`

	AdminUsername string `name:"admin-username" env:"ADMIN_USERNAME" default:"admin" help:"First start only: the administrator's username."`
	AdminName     string `name:"admin-name" env:"ADMIN_NAME" default:"Administrator" help:"First start only: the administrator's full name."`
	AdminPass     string `name:"admin-pass" env:"ADMIN_PASS" help:"First start only: the administrator's password. Default: one is generated and printed once."`
	AdminEmail    string `name:"admin-email" env:"ADMIN_EMAIL" help:"First start only: the administrator's e-mail address."`

	Compat         level     `name:"compat" env:"COMPAT" default:"7" help:"Compatibility level: 7 answers as Rocket.Chat 7, 8 as Rocket.Chat 8."`
	ForwardedCount proxies   `name:"http-forwarded-count" env:"HTTP_FORWARDED_COUNT" default:"0" help:"Number of proxies in front whose X-Forwarded-For is trusted."`
	OutgoingAllow  allowList `name:"outgoing-allow" env:"OUTGOING_ALLOW" help:"Hosts, addresses and networks (CIDR) that may be called although they are private, separated by commas; * allows all. Default: none."`
	HookMaxBody    size      `name:"hook-max-body" env:"HOOK_MAX_BODY" default:"10 MB" help:"Largest request body; larger ones are answered with 413."`
	DeliveryPolicy string    `name:"delivery-policy" env:"DELIVERY_POLICY" default:"grapnel" help:"How outgoing calls are judged and retried where an integration does not say: grapnel retries whatever may pass, rocketchat does as Rocket.Chat."`

	outgoingSettings
	RequestLog     string `name:"request-log" env:"REQUEST_LOG" default:"full" help:"What is logged of requests to hooks and of calls: full, metadata (no headers, bodies, results or console lines) or off. An integration may ask for less."`
	RequestLogBody size   `name:"request-log-body" env:"REQUEST_LOG_BODY" default:"256 KB" help:"Bytes of a body that the log of requests and calls keeps; a request whose body was longer cannot be replayed."`

	scriptSettings

	DisableScripts engines  `name:"disable-integration-scripts" env:"DISABLE_INTEGRATION_SCRIPTS" default:"no" help:"yes, true or ivm: no script runs, as if there were none."`
	FreezeScripts  engines  `name:"freeze-integration-scripts" env:"FREEZE_INTEGRATION_SCRIPTS" default:"no" help:"yes, true or ivm: scripts run but cannot be edited."`
	TestMode       bool     `name:"test-mode" env:"TEST_MODE" help:"For tests of clients: a stack in errors. Logins stay as strict as ever."`
	LogLevel       logLevel `name:"log-level" env:"LOG_LEVEL" default:"info" help:"Least level of log lines: debug, info, warn or error."`
}

// Validate refuses what cannot be.
func (s *settings) Validate() error {
	switch {
	case s.policy() != integrations.PolicyGrapnel && s.policy() != integrations.PolicyRocketChat:
		return fmt.Errorf("--delivery-policy: %q is not known: use grapnel or rocketchat", s.DeliveryPolicy)
	case !slices.Contains(integrations.LogLevels, integrations.LogLevel(s.RequestLog)):
		return fmt.Errorf("--request-log: %q is not known: use full, metadata or off", s.RequestLog)
	case s.AdminUsername == "":
		return errors.New("--admin-username: an administrator needs a name")
	default:
		return errors.Join(s.outgoingSettings.Validate(), s.scriptSettings.Validate(), s.dataSettings.Validate())
	}
}

func (s *settings) policy() integrations.Policy { return integrations.Policy(s.DeliveryPolicy) }
