package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts"
	"github.com/grapnel-chat/grapnel/store"
)

// dataSettings say where the data is.
type dataSettings struct {
	DataDir  string `name:"data-dir" env:"DATA_DIR" default:"./grapnel-data" help:"Folder that holds everything the server keeps. It is made if it does not exist."`
	MongoURL string `name:"mongo-url" env:"MONGO_URL" help:"Not served yet: this version keeps its data in DATA_DIR alone, and refuses to start if this is set."`
}

// Validate refuses what is no address of a MongoDB.
func (s dataSettings) Validate() error {
	if s.MongoURL != "" && !strings.HasPrefix(s.MongoURL, "mongodb://") && !strings.HasPrefix(s.MongoURL, "mongodb+srv://") {
		return errors.New("--mongo-url: this is no address of a MongoDB, which starts with mongodb:// or mongodb+srv://")
	}
	return nil
}

// open opens the store that the settings name.
func (s dataSettings) open(ctx context.Context) (store.Store, error) {
	if s.MongoURL != "" {
		return store.Open(ctx, s.MongoURL)
	}
	kept, err := store.Open(ctx, s.DataDir)
	if err != nil {
		return nil, fmt.Errorf("DATA_DIR %s: %w", s.DataDir, err)
	}
	return kept, nil
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
	DeliveryPolicy string    `name:"delivery-policy" env:"DELIVERY_POLICY" default:"rocketchat" help:"How outgoing calls are judged and retried: rocketchat as Rocket.Chat does, grapnel retries whatever may pass."`
	ScriptTimeout  duration  `name:"script-timeout" env:"SCRIPT_TIMEOUT" default:"3s" help:"Longest run of a script."`
	ScriptMemory   size      `name:"script-memory" env:"SCRIPT_MEMORY" default:"64 MB" help:"Most memory that a script may use."`
	ScriptResult   size      `name:"script-result-size" env:"SCRIPT_RESULT_SIZE" default:"1 MB" help:"Largest result of a script."`
	ScriptLog      size      `name:"script-log-size" env:"SCRIPT_LOG_SIZE" default:"64 KB" help:"Most console output of one run that is kept."`
	ScriptWallTime duration  `name:"script-wall-time" env:"SCRIPT_WALL_TIME" default:"30s" help:"Longest run of a script with what it waits for outside."`
	ScriptMaxCalls uint16    `name:"script-max-calls" env:"SCRIPT_MAX_CALLS" default:"20" help:"Most calls to other services in one run of a script."`
	ScriptSource   size      `name:"script-source-size" env:"SCRIPT_SOURCE_SIZE" default:"512 KB" help:"Largest source of a script."`

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
	case s.ScriptTimeout.Duration < 10*time.Millisecond || s.ScriptTimeout.Duration > time.Minute:
		return fmt.Errorf("--script-timeout: %s cannot be: use a duration from 10ms to 1m", s.ScriptTimeout)
	case s.ScriptWallTime.Duration < 10*time.Millisecond || s.ScriptWallTime.Duration > 10*time.Minute:
		return fmt.Errorf("--script-wall-time: %s cannot be: use a duration from 10ms to 10m", s.ScriptWallTime)
	case s.ScriptMaxCalls < 1 || s.ScriptMaxCalls > 1000:
		return fmt.Errorf("--script-max-calls: %d cannot be: use 1 to 1000", s.ScriptMaxCalls)
	case s.ScriptMemory < 16<<20 || s.ScriptMemory > 4<<30:
		return errors.New("--script-memory: no script runs in so little, or may have so much: use 16 MB to 4 GB")
	case s.AdminUsername == "":
		return errors.New("--admin-username: an administrator needs a name")
	default:
		return s.dataSettings.Validate()
	}
}

func (s *settings) policy() integrations.Policy { return integrations.Policy(s.DeliveryPolicy) }

func (s *settings) scriptLimits() scripts.Limits {
	return scripts.Limits{
		Timeout: s.ScriptTimeout.Duration, Memory: int64(s.ScriptMemory), ResultSize: int64(s.ScriptResult),
		LogSize: int64(s.ScriptLog), SourceSize: int64(s.ScriptSource),
		WallTime: max(s.ScriptWallTime.Duration, s.ScriptTimeout.Duration), MaxCalls: int64(s.ScriptMaxCalls),
	}
}
