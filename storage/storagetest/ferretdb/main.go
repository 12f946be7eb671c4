// Command ferretdb is the MongoDB server of the tests: FerretDB 1 on its SQLite backend, a wire-compatible stand-in that
// needs nothing but Go. It is a module of its own, so that its dependencies never become Bookplate's.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:27017", "TCP address to listen on")
	folder := flag.String("data", ".", "existing folder that keeps the databases")
	flag.Parse()
	if err := run(*addr, *folder); err != nil {
		fmt.Fprintln(os.Stderr, "ferretdb:", err)
		os.Exit(1)
	}
}

// run serves until SIGTERM, an interrupt, or the end of stdin: whoever started the server holds the other end, so it
// cannot outlive a test that crashed. Open connections are cut, not drained: to a client it looks like a server that is
// gone, which is what the tests want of it. The URL on stdout says that it accepts connections.
func run(addr, folder string) error {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	db, err := ferretdb.New(&ferretdb.Config{ // which also turns telemetry off
		Listener: ferretdb.ListenerConfig{TCP: addr},
		Logger:   slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
		Handler:  "sqlite",
		// Test data need not outlive the machine, only this process, and for that no fsync is needed.
		SQLiteURL: "file:" + filepath.ToSlash(folder) + "/?_pragma=synchronous(off)",
	})
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	go func() { _ = db.Run(context.Background()) }()
	fmt.Println(db.MongoDBURI())
	<-ctx.Done()
	return nil
}
