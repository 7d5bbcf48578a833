// Command bare is the least a webhook server can do: one gin handler that decodes the body and
// says yes. Command load measures it beside grapnel, so that grapnel's speed is told as a share
// of what this machine, this Go and this gin can do at all.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"time"

	"github.com/gin-gonic/gin"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "loopback address to listen on")
	flag.Parse()
	server := &http.Server{Addr: *addr, Handler: handler(), ReadHeaderTimeout: 10 * time.Second}
	fmt.Fprintln(os.Stderr, "bare:", server.ListenAndServe())
	os.Exit(1)
}

func handler() http.Handler {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.GET("/readyz", func(c *gin.Context) { c.Status(http.StatusOK) })
	router.GET("/metrics", metrics)
	router.POST("/hooks/:id/:token", hook)
	return router
}

func hook(c *gin.Context) {
	var body any
	if err := json.NewDecoder(c.Request.Body).Decode(&body); err != nil {
		c.Data(http.StatusBadRequest, "application/json", []byte(`{"success":false}`))
		return
	}
	c.Data(http.StatusOK, "application/json", []byte(`{"success":true}`))
}

// metrics gives the one figure that load asks for, under the name Prometheus clients give it.
func metrics(c *gin.Context) {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	c.String(http.StatusOK, "go_memstats_alloc_bytes_total %d\n", stats.TotalAlloc)
}
