package api

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// measured are the metrics of requests.
type measured struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	handler  http.Handler
}

func newMeasured(registry *prometheus.Registry) measured {
	m := measured{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "grapnel_http_requests_total", Help: "Requests answered, by route and status.",
		}, []string{"method", "route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "grapnel_http_request_seconds", Help: "Time from a request's header to its answer, by route.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"method", "route"}),
		handler: promhttp.HandlerFor(registry, promhttp.HandlerOpts{}),
	}
	registry.MustRegister(m.requests, m.seconds)
	return m
}

// observe writes one line and the metrics when a request has been answered.
// Routes are named by their pattern: a hook's path holds its token.
func (a *API) observe(c *gin.Context) {
	started := time.Now()
	c.Next()

	route := c.FullPath()
	if route == "" {
		route = "none"
	}
	took, status := time.Since(started), c.Writer.Status()
	method := c.Request.Method
	if route == "none" { // whatever strangers ask for counts as one
		method = "any"
	}
	a.measured.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	a.measured.seconds.WithLabelValues(method, route).Observe(took.Seconds())
	line := make([]slog.Attr, 0, 8)
	line = append(line,
		slog.String("method", c.Request.Method), slog.String("route", route), slog.Int("status", status),
		slog.Float64("duration_ms", float64(took.Microseconds())/1000), slog.Int("bytes", max(c.Writer.Size(), 0)),
		slog.String("address", a.clientIP(c)))
	if id := c.GetString(hookKey); id != "" {
		line = append(line, slog.String("integration_id", id))
	}
	if len(c.Errors) > 0 {
		line = append(line, slog.Any("error", c.Errors.Last().Err))
		a.Logger.LogAttrs(c.Request.Context(), slog.LevelError, "request failed", line...)
		return
	}
	a.Logger.LogAttrs(c.Request.Context(), slog.LevelInfo, "request", line...)
}

// recover answers 500 for a handler that panicked, and goes on serving.
func (a *API) recover(c *gin.Context) {
	defer func() {
		if cause := recover(); cause != nil {
			_ = c.Error(fmt.Errorf("panic: %v\n%s", cause, debug.Stack()))
			if !c.Writer.Written() {
				write(c, http.StatusInternalServerError, failure{Error: "Internal server error"})
			}
			c.Abort()
		}
	}()
	c.Next()
}

// clientIP answers the caller's address: the peer's, or with proxies in front the one that the
// outermost trusted proxy saw.
func (a *API) clientIP(c *gin.Context) string {
	peer, _, err := net.SplitHostPort(c.Request.RemoteAddr)
	if err != nil {
		peer = c.Request.RemoteAddr
	}
	if a.TrustedProxies <= 0 {
		return peer
	}
	hops := append(strings.Split(strings.Join(c.Request.Header.Values("X-Forwarded-For"), ","), ","), peer)
	seen := strings.TrimSpace(hops[max(len(hops)-1-a.TrustedProxies, 0)])
	if net.ParseIP(seen) == nil {
		return peer
	}
	return seen
}

func (a *API) metrics(c *gin.Context) { a.measured.handler.ServeHTTP(c.Writer, c.Request) }
