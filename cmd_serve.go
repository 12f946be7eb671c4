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

	"github.com/spf13/cobra"

	"bookplate/auth"
	"bookplate/config"
	"bookplate/handlers"
	"bookplate/jobs"
	"bookplate/library/isbn"
	"bookplate/mail"
)

const (
	maxHeader     = 8 << 10 // bytes; net/http allows 4 KiB more
	headerTimeout = 10 * time.Second
	readTimeout   = 2 * time.Minute // enough for a 20 MiB cover at 1.5 Mbit/s
	writeTimeout  = 5 * time.Minute // includes reading; enough for a list of 100,000 books at 2 Mbit/s
	idleTimeout   = 2 * time.Minute

	// coverBudget limits how long a cover may take to wait for memory and to be decoded. The largest picture takes
	// about three seconds to decode.
	coverBudget = 20 * time.Second

	// uncountedMemory is the memory, in bytes, that the Go runtime's memory limit does not count: that of the program
	// file and that of SQLite.
	uncountedMemory = 32 << 20

	// minMemoryLimit is the lowest memory limit, in bytes. It leaves room for log-ins, which take 19 MiB each.
	minMemoryLimit = 128 << 20

	// shutdownTimeout is how long running requests may take to finish when the server stops.
	shutdownTimeout = 15 * time.Second
)

// now returns the current time in UTC with milliseconds, the precision of BSON.
func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

func serveCommand(cmd *cobra.Command, _ []string) error {
	settings, err := loadSettings(cmd)
	if err != nil {
		return err
	}
	return serve(cmd.Context(), settings, cmd.OutOrStdout())
}

// serve serves the API until ctx is cancelled. Then it stops accepting requests, finishes the running ones and closes the
// stores.
func serve(ctx context.Context, settings config.Config, stdout io.Writer) (err error) {
	log := newLogger(settings, stdout)
	limitMemory(settings.CoverMemory)
	listener, err := listen(ctx, settings.Addr)
	if err != nil {
		return err
	}
	defer listener.Close() //nolint:errcheck // still open only if serve returns early
	app, err := openApp(ctx, settings, log, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, app.Close()) }()
	state := "bookplate is ready"
	if app.Ping(ctx) != nil {
		state = "bookplate is waiting for " + app.Name()
	}
	log.Info(state, "page", settings.LocalURL()+"/", "docs", settings.LocalURL()+"/docs/",
		"database", app.Name(), "data", settings.DataDir, "version", version)
	return listenAndShutDown(ctx, listener, app.handler, log)
}

// app is a library with its API and its jobs.
type app struct {
	*stores
	outbox   *mail.Outbox
	handler  http.Handler
	stopJobs context.CancelFunc
	jobs     sync.WaitGroup
}

// openApp opens the library that the settings name and starts its jobs, which run until ctx ends or the app is closed. In a
// demo, reset restores the library when a client asks for it. Otherwise reset is nil.
func openApp(
	ctx context.Context, settings config.Config, log *slog.Logger, reset func(context.Context) error,
) (_ *app, err error) {
	a := &app{}
	if a.stores, err = openStores(ctx, settings, log); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.stores.Close())
		}
	}()
	secret, err := signingSecret(settings, log)
	if err != nil {
		return nil, err
	}
	if a.outbox, err = openOutbox(settings, log); err != nil {
		return nil, err
	}
	backups, err := openBackups(ctx, settings, a.stores)
	if err != nil {
		return nil, errors.Join(err, a.outbox.Close())
	}
	services := handlers.Services{
		Config: settings,
		Store:  a.Store,
		Covers: a.covers,
		Outbox: a.outbox,
		Hasher: auth.NewHasher(auth.OWASP),
		Tokens: auth.NewTokens(secret, settings.AccessTokenTTL, now),
		Sealer: auth.NewSealer(secret),
		Log:    log, Now: now, Version: version,
		Network:     isbn.Internet(),
		CoverBudget: coverBudget,
		ResetDemo:   reset,
		Backups:     backups,
		Stopping:    ctx.Done(),
	}
	a.handler, err = handlers.New(services)
	if err != nil {
		return nil, errors.Join(err, a.outbox.Close())
	}
	ctx, a.stopJobs = context.WithCancel(ctx)
	a.jobs.Go(func() {
		jobs.Jobs{
			Store: a.Store, Covers: a.covers, MailDir: settings.MailDir(), AdminEmail: settings.AdminEmail,
			Letters: mail.Letters{Base: settings.LinkURL()}, Outbox: a.outbox, Backups: backups,
			TrashTTL:     settings.TrashTTL,
			Imports:      handlers.NewImports(services),
			RemindBefore: settings.RemindBefore, RemindAfter: settings.RemindAfter,
			Log: log, Now: now,
		}.Run(ctx)
	})
	return a, nil
}

// Close stops the jobs and closes the stores. No request may be running.
func (a *app) Close() error {
	a.stopJobs()
	a.jobs.Wait()
	return errors.Join(a.outbox.Close(), a.stores.Close())
}

// limitMemory makes the garbage collector run less often: only when the heap is five times the live data, or when the
// memory reaches coverMemory bytes. This saves a fifth of the CPU time of a request. The operator's GOGC and GOMEMLIMIT
// take precedence.
func limitMemory(coverMemory int64) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(max(coverMemory-uncountedMemory, minMemoryLimit))
	}
}

// maxLogged is the largest size of a value in the log, in bytes. Errors may quote texts that a client has sent.
const maxLogged = 500

func newLogger(settings config.Config, w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{ReplaceAttr: shorten}
	if settings.LogJSON {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// shorten cuts a logged value off at maxLogged bytes. The stack of a panic stays whole.
func shorten(_ []string, a slog.Attr) slog.Attr {
	if kind := a.Value.Kind(); kind != slog.KindString && kind != slog.KindAny || a.Key == "stack" {
		return a
	}
	if text := a.Value.String(); len(text) > maxLogged {
		a.Value = slog.StringValue(strings.ToValidUTF8(text[:maxLogged], "") + "…")
	}
	return a
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

// signingSecret returns SECRET_KEY if it is set. Otherwise it returns the secret in the data folder, and creates it if
// needed.
func signingSecret(settings config.Config, log *slog.Logger) ([]byte, error) {
	if len(settings.SecretKey) > 0 {
		return settings.SecretKey, nil
	}
	path := filepath.Join(settings.DataDir, "secret.key")
	if strings.HasPrefix(settings.DatabaseURL, "mongodb") {
		log.Warn("SECRET_KEY is not set: other copies of the server do not accept tokens of this one", "file", path)
	}
	secret, err := auth.LoadSecret(path)
	if err != nil {
		return nil, fmt.Errorf("SECRET_KEY is not set, and the key in DATA_DIR cannot be used: %w", err)
	}
	return secret, nil
}

// openOutbox returns an outbox that sends mails by SMTP, or writes them into a folder if SMTP_URL is not set.
func openOutbox(settings config.Config, log *slog.Logger) (*mail.Outbox, error) {
	if settings.SMTPURL == "" {
		return mail.NewOutbox(mail.NewFolder(settings.MailDir(), settings.MailFrom, now, log), log), nil
	}
	if settings.PublicURL == "" {
		log.Warn("PUBLIC_URL is not set: links in mails open on this machine only", "links", settings.LinkURL())
	}
	sender, err := mail.NewSMTP(settings.SMTPURL, settings.MailFrom, now)
	if err != nil {
		return nil, fmt.Errorf("SMTP_URL: %w", err)
	}
	return mail.NewOutbox(sender, log), nil
}

// listenAndShutDown serves requests until ctx is cancelled, and then lets running requests finish.
func listenAndShutDown(ctx context.Context, listener net.Listener, handler http.Handler, log *slog.Logger) error {
	server := &http.Server{
		Handler:           handler,
		MaxHeaderBytes:    maxHeader,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		ConnState:         headerState,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),

		DisableGeneralOptionsHandler: true, // so that OPTIONS * gets an id and a log line like any other request
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(headerListener{listener}) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	log.Info("stopping after running requests have finished", "timeout", shutdownTimeout)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("requests were cut off: %w", err), server.Close())
	}
	return nil
}
