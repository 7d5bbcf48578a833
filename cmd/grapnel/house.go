package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/grapnel-chat/grapnel"
	"github.com/grapnel-chat/grapnel/api"
	"github.com/grapnel-chat/grapnel/delivery"
	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/outbound"
	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/schema"
	"github.com/grapnel-chat/grapnel/scripts"
	"github.com/grapnel-chat/grapnel/store"
	"github.com/grapnel-chat/grapnel/workspace"
)

// house is the server with all its parts.
type house struct {
	api    *api.API
	worker *delivery.Worker
	pool   *scripts.Pool
	client *outbound.Client

	sweeper  sweeper
	follower *follower // nil: nobody else writes to the store
	journal  *integrations.Journal

	closeLog func()
}

// found makes the workspace on the first start, and prints the password if it made one up.
func (s *serveCommand) found(ctx context.Context, kept store.Store) error {
	admin := workspace.Admin{Username: s.AdminUsername, Name: s.AdminName, Email: s.AdminEmail, Password: s.AdminPass}
	if admin.Password == "" {
		admin.Password = newPassword()
	}
	made, err := workspace.Found(ctx, kept, workspace.Founding{Admin: admin, SiteURL: s.url()})
	switch {
	case errors.Is(err, workspace.ErrInvalidName):
		return fmt.Errorf("setting ADMIN_USERNAME: %q is no username: use digits, letters, dots, dashes and underscores, and not %s", s.AdminUsername, workspace.BotID)
	case errors.Is(err, workspace.ErrInvalidEmail):
		return fmt.Errorf("setting ADMIN_EMAIL: %q is no e-mail address", s.AdminEmail)
	case err != nil || !made:
		return err
	}
	say("First start: the administrator is %q.", admin.Username)
	if s.AdminPass == "" {
		say("Password: %s (shown this once; `user reset-password %s` in place of `serve` makes a new one)", admin.Password, admin.Username)
	}
	return nil
}

// build puts the parts together, from the ground up.
func (s *serveCommand) build(ctx context.Context, kept store.Store, logger *slog.Logger) (*house, error) {
	schemas, err := schema.Load()
	if err != nil {
		return nil, err
	}
	revision, err := kept.Revision(ctx) // before anything is read, so that no change is missed
	if err != nil {
		return nil, err
	}
	table, err := permissions.Open(ctx, kept)
	if err != nil {
		return nil, err
	}
	index, err := integrations.OpenIndex(ctx, kept, s.url()+"/")
	if err != nil {
		return nil, err
	}
	journal, closeLog, err := s.openJournal(ctx, kept, index, logger)
	if err != nil {
		return nil, err
	}
	chat, err := workspace.Open(ctx, workspace.Config{Store: kept, Permissions: table, Dispatcher: index, SiteURL: s.url()})
	if err != nil {
		return nil, err
	}
	client := s.client(s.OutgoingAllow)
	insecureTLS := func() bool { return chat.Settings().Bool("Allow_Invalid_SelfSigned_Certs") }
	pool, err := startPool(ctx, scripts.Config{Limits: s.scriptLimits(), Caller: client, InsecureTLS: insecureTLS, Logger: logger})
	if err != nil {
		return nil, err
	}
	signingKey, err := workspace.Key(ctx, kept, "webhook signatures")
	if err != nil {
		return nil, err
	}
	service := integrations.New(integrations.Config{
		Store: kept, Queue: kept, Index: index, Chat: chat, Scripts: pool, Lists: kept, Journal: journal, Guard: client, Logger: logger, SigningKey: signingKey,
		Impersonation: s.Compat >= 8, ScriptsOff: s.DisableScripts.off(), Freeze: s.FreezeScripts.freeze(),
		ScriptSize: int64(s.ScriptSource),
	})
	chat.Follow(service)
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	worker := delivery.New(delivery.Config{
		Queue: kept, Service: service, Sender: client, Policy: s.policy(), Logger: logger,
		InsecureTLS: insecureTLS, Attempted: countAttempts(registry), Journal: journal, ScriptTime: s.scriptLimits().WallTime,
	})
	measurePool(registry, pool)
	measureDeliveries(registry, kept, worker, service)
	measureJournal(registry, journal)
	return &house{
		follower: s.follower(kept, revision, logger, table.Refresh, chat.Refresh, service.Refresh),
		journal:  journal, closeLog: closeLog,
		worker: worker, pool: pool, client: client, sweeper: sweeper{store: kept, settings: chat.Settings, logger: logger},
		api: api.New(api.Config{ //nolint:contextcheck // its handlers take each request's context
			Workspace: chat, Integrations: service, Permissions: table, Schemas: schemas, Registry: registry, Logger: logger,
			Ready: kept.Ping, OpenAPI: grapnel.OpenAPI, ScriptTypes: scripts.Types, SiteURL: s.url(), Prefix: s.RootURL.prefix(), Level: int(s.Compat),
			MaxBody: int64(s.HookMaxBody), TrustedProxies: int(s.ForwardedCount), Stacks: s.TestMode,
		}),
	}, nil
}

// follower follows other servers where there can be any.
func (s *serveCommand) follower(kept store.Store, seen int64, logger *slog.Logger, refresh ...func(context.Context) error) *follower {
	if s.MongoURL == "" {
		return nil
	}
	return &follower{store: kept, seen: seen, refresh: refresh, logger: logger}
}

// ownFile names the running binary. On Linux it is the very one, also after an upgrade has put
// another in its place.
func ownFile() (string, error) {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe", nil
	}
	return os.Executable()
}
