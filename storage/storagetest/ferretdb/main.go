// Command ferretdb is the MongoDB server of the tests. It is FerretDB 1 with its SQLite backend, which needs only Go to
// build. It is a separate module, so that Bookplate does not get its dependencies.
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
	"runtime/debug"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:27017", "TCP address to listen on")
	folder := flag.String("data", "", "existing folder for the databases; a temporary one by default")
	flag.Parse()
	debug.SetGCPercent(400) // with the default of 100, garbage collection took a quarter of the processor time
	if err := run(*addr, *folder); err != nil {
		fmt.Fprintln(os.Stderr, "ferretdb:", err)
		os.Exit(1)
	}
}

// run serves until SIGTERM, an interrupt, or the end of stdin. The test process holds the other end of stdin, so the
// server ends when the test process ends. The server closes open connections without waiting, as if it had crashed. It
// prints a line to stdout once it accepts connections.
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
		defer os.RemoveAll(temporary) //nolint:errcheck // the folder is temporary
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
	db, err := ferretdb.New(&ferretdb.Config{ // New disables telemetry
		Listener: ferretdb.ListenerConfig{TCP: "127.0.0.1:0"},
		Logger:   slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
		Handler:  "sqlite",
		// Without fsync, the data survive the end of this process, but may be lost if the machine crashes.
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
