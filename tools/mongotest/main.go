// Command mongotest serves MongoDB's wire protocol over an engine in memory, for tests.
//
// It is no MongoDB: README.md says what it cannot do. It prints one line, "listening
// mongodb://127.0.0.1:PORT", as soon as clients may connect, and ends with SIGTERM or SIGINT. SIGUSR1
// closes all connections and refuses new ones until SIGUSR2.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "address to listen on")
	data := flag.String("data", "", "file that keeps the documents, so that a restart finds them")
	standalone := flag.Bool("standalone", false, "be no replica set: drivers do not retry writes then")
	strict := flag.Bool("notablescan", false, "refuse queries that no index serves, as the server's parameter of that name does")
	expire := flag.Duration("expire", time.Minute, "how often documents are removed that an index with expireAfterSeconds ends")
	flag.Parse()
	if err := run(*addr, settings{data: *data, standalone: *standalone, noTableScan: *strict, expire: *expire}); err != nil {
		fmt.Fprintln(os.Stderr, "mongotest:", err)
		os.Exit(1)
	}
}

func run(addr string, o settings) error {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", addr)
	if err != nil {
		return err
	}
	o.address = listener.Addr().String()
	s, err := newServer(o)
	if err != nil {
		return err
	}
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGUSR1, syscall.SIGUSR2)
	go s.serve(listener)
	if _, err := fmt.Fprintln(os.Stdout, "listening mongodb://"+o.address); err != nil {
		return err
	}
	for got := range signals {
		switch got {
		case syscall.SIGUSR1:
			s.refuse(true)
		case syscall.SIGUSR2:
			s.refuse(false)
		default:
			_ = listener.Close()
			return s.close()
		}
	}
	return nil
}
