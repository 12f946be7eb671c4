package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"time"

	"bookplate/auth"
	"bookplate/config"
	"bookplate/handlers"
	"bookplate/mail"
)

const (
	headerTimeout = 10 * time.Second
	readTimeout   = 2 * time.Minute // a 20 MiB cover at 1.5 Mbit/s
	writeTimeout  = 5 * time.Minute // reading included: a list of 100,000 books at 2 Mbit/s
	idleTimeout   = 2 * time.Minute

	// coverBudget is how long a picture may wait for its turn and be worked on; the largest takes some three seconds.
	coverBudget = 20 * time.Second

	// ownMemory is what the process takes beside what Go counts, in bytes: the program itself, and SQLite's own.
	ownMemory = 32 << 20

	// leastMemory is the lowest memory limit, in bytes: room for log-ins, which take 19 MiB each.
	leastMemory = 128 << 20

	// shutdownTimeout is how long requests that run may take to finish once the server is asked to stop.
	shutdownTimeout = 15 * time.Second
)

// now is the clock: UTC, and milliseconds, which is what BSON keeps.
func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

// serve serves the API until ctx ends; then it stops accepting, finishes what runs and closes the stores.
func serve(ctx context.Context, settings config.Config, stdout io.Writer) (err error) {
	log := newLogger(settings, stdout)
	limitMemory(settings.CoverMemory)
	listener, err := listen(ctx, settings.Addr)
	if err != nil {
		return err
	}
	defer listener.Close() //nolint:errcheck // the server has closed it by then, but for an early return
	stores, err := openStores(ctx, settings, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stores.Close()) }()
	secret, err := signingSecret(settings, log)
	if err != nil {
		return err
	}
	outbox, err := openOutbox(settings, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, outbox.Close()) }()
	handler, err := handlers.New(handlers.Services{
		Config: settings,
		Store:  stores.Store,
		Covers: stores.covers,
		Outbox: outbox,
		Hasher: auth.NewHasher(auth.OWASP),
		Tokens: auth.NewTokens(secret, settings.AccessTokenTTL, now),
		Log:    log, Now: now, Version: version,
		CoverBudget: coverBudget,
	})
	if err != nil {
		return err
	}
	var upkeep sync.WaitGroup
	upkeep.Go(func() { keepUp(ctx, stores, settings.AdminEmail, log) })
	defer upkeep.Wait()
	log.Info("bookplate is ready", "page", settings.LocalURL()+"/", "docs", settings.LocalURL()+"/docs/",
		"database", stores.Name(), "data", settings.DataDir, "version", version)
	return listenUntil(ctx, listener, handler, log)
}

// limitMemory lets garbage collection wait, which takes a fifth of the CPU time off a request, until the heap is five
// times what is in use, or until all memory comes near what pictures alone may take; from there on it is as eager as it has
// to be. An operator's own GOGC and GOMEMLIMIT count instead.
func limitMemory(pictures int64) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(max(pictures-ownMemory, leastMemory))
	}
}

func newLogger(settings config.Config, w io.Writer) *slog.Logger {
	if settings.LogJSON {
		return slog.New(slog.NewJSONHandler(w, nil))
	}
	return slog.New(slog.NewTextHandler(w, nil))
}

func listen(ctx context.Context, addr string) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is in use by another program; stop it, or choose another port: PORT=5001 bookplate", addr)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot listen on ADDR %s: %w", addr, err)
	}
	return listener, nil
}

// signingSecret is SECRET_KEY, or the secret that is kept in the data folder.
func signingSecret(settings config.Config, log *slog.Logger) ([]byte, error) {
	if len(settings.SecretKey) > 0 {
		return settings.SecretKey, nil
	}
	path := filepath.Join(settings.DataDir, "secret.key")
	if strings.HasPrefix(settings.DatabaseURL, "mongodb") {
		log.Warn("SECRET_KEY is not set: another copy of this server would not accept this one's tokens", "kept", path)
	}
	secret, err := auth.LoadSecret(path)
	if err != nil {
		return nil, fmt.Errorf("SECRET_KEY is not set, and the one in DATA_DIR cannot be used: %w", err)
	}
	return secret, nil
}

// openOutbox sends by SMTP_URL, or into a folder.
func openOutbox(settings config.Config, log *slog.Logger) (*mail.Outbox, error) {
	if settings.SMTPURL == "" {
		return mail.NewOutbox(mail.NewFolder(settings.MailDir(), settings.MailFrom, now, log), log), nil
	}
	if settings.PublicURL == "" {
		log.Warn("PUBLIC_URL is not set: links in mails lead to this machine", "links", settings.LinkURL())
	}
	sender, err := mail.NewSMTP(settings.SMTPURL, settings.MailFrom, now)
	if err != nil {
		return nil, fmt.Errorf("SMTP_URL: %w", err)
	}
	return mail.NewOutbox(sender, log), nil
}

// listenUntil serves requests until ctx ends, then lets those that run finish.
func listenUntil(ctx context.Context, listener net.Listener, handler http.Handler, log *slog.Logger) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),

		DisableGeneralOptionsHandler: true, // OPTIONS * has an id and a log line like any other request
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	log.Info("stopping: requests that run are finished first", "at most", shutdownTimeout)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("requests were cut off: %w", err), server.Close())
	}
	return nil
}
