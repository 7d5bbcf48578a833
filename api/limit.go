package api

import (
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/workspace"
)

// limitCalls lets an address call an endpoint only so often, where the settings say so. Holders of
// api-bypass-rate-limit are not counted.
func (a *API) limitCalls(c *gin.Context) {
	if !a.Workspace.Settings().Bool("API_Enable_Rate_Limiter") {
		return
	}
	if u, ok := c.Get(actorKey); ok {
		if caller, ok := u.(workspace.User); ok && a.Workspace.Can(caller, permissions.BypassRateLimit) {
			return
		}
	}
	a.countCall(c, c.Request.Method+" "+c.FullPath())
}

// limitHook does the same for one hook, where its own setting says so. It reports whether the hook may
// go on.
func (a *API) limitHook(c *gin.Context) bool {
	return !a.Workspace.Settings().Bool(workspace.LimitHooks) || a.countCall(c, c.Request.URL.EscapedPath())
}

// countCall answers 429 for a call too many.
func (a *API) countCall(c *gin.Context, what string) bool {
	settings := a.Workspace.Settings()
	allowed := allowance{
		calls: settings.Int("API_Enable_Rate_Limiter_Limit_Calls_Default"),
		per:   time.Duration(settings.Int("API_Enable_Rate_Limiter_Limit_Time_Default")) * time.Millisecond,
	}
	now := time.Now()
	v := a.limiter.count(neighbourhood(a.clientIP(c))+" "+what, allowed, now)
	c.Header("X-RateLimit-Limit", strconv.Itoa(allowed.calls))
	c.Header("X-RateLimit-Remaining", strconv.Itoa(v.remaining))
	c.Header("X-RateLimit-Reset", strconv.FormatInt(v.reset.UnixMilli(), 10))
	if !v.allowed {
		a.fail(c, &workspace.TooManyAttempts{Wait: v.reset.Sub(now)})
		c.Abort()
	}
	return v.allowed
}
