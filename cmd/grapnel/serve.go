package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/grapnel-chat/grapnel/store"
)

// Time-outs of connections. A hook's answer waits for its script and for the disk, no longer.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = time.Minute
	writeTimeout  = 90 * time.Second
	idleTimeout   = 2 * time.Minute
	maxHeader     = 64 << 10
	stopTimeout   = 30 * time.Second
)

type serveCommand struct {
	settings

	Adopt bool `name:"adopt" env:"ADOPT" help:"Take over the database of a Rocket.Chat, which must be stopped: prints what it writes, and changes nothing that exists. Needs MONGO_URL. Later starts do not need it, unless Rocket.Chat has served the database again."`
}

// Validate refuses to adopt nothing.
func (s *serveCommand) Validate() error {
	if s.Adopt && s.MongoURL == "" {
		return errors.New("--adopt: name the database with MONGO_URL")
	}
	return s.settings.Validate()
}

// Run serves until it is told to stop by SIGTERM or SIGINT.
func (s *serveCommand) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	tuneCollector()
	logger, lines := newLogger(os.Stderr, s.LogLevel.Level)
	defer lines.flush()

	listener, err := s.listen(ctx) // first, so that a taken port is told before anything is made
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }()
	kept, err := s.openAdopting(ctx)
	if err != nil {
		return err
	}
	err = s.serve(ctx, kept, listener, logger)
	if closing := kept.Close(); closing != nil {
		err = errors.Join(err, fmt.Errorf("close the store: %w", closing))
	}
	return err
}

func (s *serveCommand) serve(ctx context.Context, kept store.Store, listener net.Listener, logger *slog.Logger) error {
	if err := s.found(ctx, kept); err != nil {
		return err
	}
	h, err := s.build(ctx, kept, logger)
	if err != nil {
		return err
	}
	defer h.closeLog()
	say("Grapnel listens at %s, its data is in %s.", s.local(), s.place())
	if s.RootURL != "" {
		say("People reach it at %s.", s.RootURL)
	}
	say("The API is described at %s/docs.", s.local())
	logger.InfoContext(ctx, "serving", "version", builtVersion(), "address", listener.Addr().String(), "root_url", s.url(),
		"data", s.place(), "compat", int(s.Compat), "delivery_policy", s.DeliveryPolicy)
	return s.run(ctx, h, listener, logger)
}

func (s *serveCommand) listen(ctx context.Context) (net.Listener, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", net.JoinHostPort(string(s.BindIP), strconv.Itoa(int(s.Port))))
	if err != nil {
		return nil, fmt.Errorf("PORT %d on BIND_IP %s cannot be listened on: %w", s.Port, s.BindIP, err)
	}
	if address, ok := listener.Addr().(*net.TCPAddr); ok {
		s.Port = port(address.AddrPort().Port())
	}
	return listener, nil
}

// url is where people reach the server, without a slash at the end.
func (s *serveCommand) url() string {
	if s.RootURL != "" {
		return string(s.RootURL)
	}
	return s.local()
}

// local is where the server is reached on its own machine, without a slash at the end.
func (s *serveCommand) local() string {
	return "http://localhost:" + strconv.Itoa(int(s.Port)) + s.RootURL.prefix()
}

// run serves and delivers until the context ends, and then stops in order: no new connections,
// the requests under way, the deliveries under way, the scripts' workers.
func (s *serveCommand) run(ctx context.Context, h *house, listener net.Listener, logger *slog.Logger) error {
	server := newServer(h.api, logger)
	delivering, stopDelivering := context.WithCancel(context.WithoutCancel(ctx))
	delivered := make(chan error, 1)
	go func() { delivered <- h.worker.Run(delivering) }()
	swept := make(chan struct{})
	go func() { defer close(swept); h.sweeper.run(delivering) }()
	followed := make(chan struct{})
	go func() { defer close(followed); h.follower.run(delivering) }()
	logging, stopLogging := context.WithCancel(context.WithoutCancel(ctx))
	logged := make(chan struct{})
	go func() { defer close(logged); h.journal.Run(logging) }()
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()

	var failed error
	select {
	case <-ctx.Done():
		logger.InfoContext(ctx, "stopping")
	case failed = <-served:
		failed = fmt.Errorf("serve: %w", failed)
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if err := server.Shutdown(stopping); err != nil {
		logger.WarnContext(ctx, "requests were cut off", "error", err)
	}
	stopDelivering()
	failed = errors.Join(failed, <-delivered)
	<-swept
	<-followed
	stopLogging()
	<-logged
	h.client.Close()
	failed = errors.Join(failed, h.pool.Close())
	logger.InfoContext(ctx, "stopped")
	return failed
}

// newServer is the HTTP server with its limits: whoever sends slowly, or never ends, is cut off.
func newServer(handler http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}
}

// say tells the person who started the server.
func say(format string, args ...any) { _, _ = fmt.Fprintf(os.Stdout, format+"\n", args...) }
