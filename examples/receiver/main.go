// Command receiver is a small service to try outgoing integrations with: it prints what it gets
// and answers each call with a message.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"
)

func main() {
	address := flag.String("listen", "127.0.0.1:4000", "address to listen on, with port 0 for any")
	flag.Parse()
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", *address)
	if err != nil {
		log.Fatal(err)
	}
	show("listening at http://%s/", listener.Addr())
	server := &http.Server{Handler: http.HandlerFunc(answer), ReadHeaderTimeout: 5 * time.Second}
	log.Fatal(server.Serve(listener))
}

// answer echoes the text that it was told of.
func answer(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	show("received %s", body)
	var event struct {
		Text     string `json:"text"`
		UserName string `json:"user_name"`
	}
	if err := json.Unmarshal(body, &event); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{"text": event.UserName + " said: " + event.Text})
}

// show prints a line at once, whoever reads it.
func show(format string, args ...any) { _, _ = fmt.Fprintf(os.Stdout, format+"\n", args...) }
