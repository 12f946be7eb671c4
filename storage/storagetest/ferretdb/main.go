// Command ferretdb is the MongoDB server of the tests: FerretDB 1 on its SQLite backend, which speaks MongoDB's
// protocol and needs nothing but Go. It is a module of its own, so that its dependencies never become Bookplate's.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:27017", "TCP address to listen on")
	folder := flag.String("data", "", "existing folder that keeps the databases; a temporary one by default")
	flag.Parse()
	if err := run(*addr, *folder); err != nil {
		fmt.Fprintln(os.Stderr, "ferretdb:", err)
		os.Exit(1)
	}
}

// run serves until SIGTERM, an interrupt, or the end of stdin: whoever started the server holds the other end, so it
// cannot outlive a test that crashed. Open connections are cut, not drained: to a client it looks like a server that is
// gone, which is what the tests want of it. A line on stdout says that it accepts connections.
func run(addr, folder string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	if folder == "" {
		temporary, err := os.MkdirTemp("", "ferretdb-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(temporary) //nolint:errcheck // nobody is left to tell
		folder = temporary
	}
	server, err := start(folder)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	go serve(listener, server)
	fmt.Println("listening on", listener.Addr())
	<-ctx.Done()
	return nil
}

// start starts FerretDB on a port of its choice and returns its address.
func start(folder string) (addr string, err error) {
	db, err := ferretdb.New(&ferretdb.Config{ // which turns telemetry off as well
		Listener: ferretdb.ListenerConfig{TCP: "127.0.0.1:0"},
		Logger:   slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
		Handler:  "sqlite",
		// The data need not outlive the machine, only this process, and for that no fsync is needed.
		SQLiteURL: "file:" + filepath.ToSlash(folder) + "/?_pragma=synchronous(off)",
	})
	if err != nil {
		return "", err
	}
	go func() { _ = db.Run(context.Background()) }()
	uri, err := url.Parse(db.MongoDBURI())
	if err != nil {
		return "", err
	}
	return uri.Host, nil
}
