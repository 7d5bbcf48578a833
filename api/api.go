package api

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/schema"
	"github.com/grapnel-chat/grapnel/workspace"
)

// Config is what an API stands on.
type Config struct {
	Workspace    *workspace.Service
	Integrations *integrations.Service
	Permissions  *permissions.Table
	Schemas      *schema.Set
	Registry     *prometheus.Registry
	Logger       *slog.Logger
	// Ready reports why the server cannot serve, or nil.
	Ready func(ctx context.Context) error
	// SiteURL is where people reach the server, with the prefix and without a slash at the end.
	SiteURL string
	// OpenAPI is the text of openapi.yaml.
	OpenAPI []byte
	// ScriptTypes is the text of the declarations for authors of scripts.
	ScriptTypes []byte
	// Prefix is the path that everything is served under, such as /chat; empty: the root.
	Prefix string
	// Level is the compatibility level, 7 or 8.
	Level int
	// MaxBody is the largest request body in bytes.
	MaxBody int64
	// TrustedProxies is how many proxies in front may tell the caller's address.
	TrustedProxies int
	// Stacks adds stack traces to errors that are thrown while testing.
	Stacks bool
}

// API serves requests. It is an http.Handler.
type API struct {
	Config

	engine     *gin.Engine
	instanceID string
	measured   measured
	limiter    *limiter
	viewer     http.Handler
}

// New makes the API with every route of the table.
func New(cfg Config) *API {
	gin.SetMode(gin.ReleaseMode)
	a := &API{Config: cfg, engine: gin.New(), instanceID: workspace.NewID(), limiter: newLimiter(limiterKeys)}
	a.measured = newMeasured(cfg.Registry)
	a.viewer = newViewer(cfg.Prefix)
	a.engine.RedirectTrailingSlash = false
	a.engine.UseRawPath = true // an escaped slash in a token is no separator
	_ = a.engine.SetTrustedProxies(nil)
	a.engine.Use(identify, a.observe, a.recover, a.crossOrigin)
	for _, r := range a.routes() {
		a.handle(r, cfg.Prefix)
		if cfg.Prefix != "" && slices.Contains(probes, r.path) { // probes do not go through the proxy that adds the prefix
			a.handle(r, "")
		}
	}
	a.engine.NoRoute(a.notFound)
	return a
}

// handle serves a route under the prefix, and HEAD where a page, a probe or a file can be read.
func (a *API) handle(r route, prefix string) {
	a.engine.Handle(r.method, prefix+r.path, a.chain(r)...)
	if r.method == http.MethodGet && (r.access.open || r.access.link) && !strings.HasPrefix(r.path, "/hooks/") {
		a.engine.HEAD(prefix+r.path, a.chain(r)...)
	}
}

var probes = []string{"/livez", "/readyz", "/metrics"}

// ServeHTTP serves one request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.engine.ServeHTTP(w, r) }

// Route is a method and a path pattern that is served.
type Route struct{ Method, Path string }

// Routes lists what is served, in the order of the table, with path parameters in braces.
func (a *API) Routes() []Route {
	var list []Route
	for _, r := range a.routes() {
		segments := strings.Split(r.path, "/")
		for n, s := range segments {
			if s != "" && (s[0] == ':' || s[0] == '*') {
				segments[n] = "{" + s[1:] + "}"
			}
		}
		list = append(list, Route{Method: r.method, Path: strings.Join(segments, "/")})
	}
	return list
}

// chain is what a request to the route passes, in upstream's order: who calls, may they call this
// at all, is the document valid, have they called too often; then the handler.
func (a *API) chain(r route) []gin.HandlerFunc {
	var steps []gin.HandlerFunc
	switch {
	case r.access.link:
		steps = append(steps, a.authenticateLink)
	case !r.access.open:
		steps = append(steps, a.authenticate)
	}
	if len(r.access.any) > 0 {
		steps = append(steps, a.authorize(r.access.any))
	}
	if r.schema != "" {
		s, ok := a.Schemas.Lookup(r.schema)
		if !ok {
			panic("api: no schema " + r.schema + " for " + r.path)
		}
		steps = append(steps, a.validate(s))
	}
	if strings.HasPrefix(r.path, "/api/") {
		steps = append(steps, a.limitCalls)
	}
	return append(steps, r.serve)
}
