package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"bookplate/auth"
	"bookplate/config"
	"bookplate/demo"
	"bookplate/storage/blob"
)

// demoSettings are the settings that a demo reads. None of them says where data is kept.
var demoSettings = []string{
	"ADDR", "PORT", "PUBLIC_URL", "TRUSTED_PROXIES", "CORS_ORIGINS", "THROTTLE", "ACCESS_TOKEN_TTL", "REFRESH_TOKEN_TTL",
	"METADATA_SOURCES", "METADATA_CONTACT",
}

func newDemoCommand() *cobra.Command {
	return &cobra.Command{
		Use: "demo", Short: "Serve an example library, which is deleted when the server stops",
		Long: "Serve an example library: two hundred books with covers, and accounts that have read and lent them for two\n" +
			"years. It prints the accounts and their new passwords. POST /demo/reset restores the library.\n\n" +
			"The data is in a new temporary folder, which is deleted when the server stops. The demo never opens another\n" +
			"library: it ignores DATA_DIR, DATABASE_URL and all other settings, also those in the file .env, except for\n" +
			strings.Join(demoSettings, ", ") + ".",
		Args: noDataFolder, RunE: demoCommand,
	}
}

// noDataFolder returns an error if the command has arguments or the flag --data, which a demo would ignore.
func noDataFolder(cmd *cobra.Command, args []string) error {
	if cmd.Flag("data").Changed {
		return errors.New("--data cannot be used: the data of a demo is in a temporary folder")
	}
	return cobra.NoArgs(cmd, args)
}

func demoCommand(cmd *cobra.Command, _ []string) (err error) {
	sources, err := settingsSources(cmd)
	if err != nil {
		return err
	}
	for _, source := range sources {
		maps.DeleteFunc(source.Values, func(name, _ string) bool { return !slices.Contains(demoSettings, name) })
	}
	folder, err := os.MkdirTemp("", "bookplate-demo-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	d := &demoServer{folder: folder, sources: sources, secret: rand.Text() + rand.Text()}
	return d.serve(cmd.Context(), cmd.OutOrStdout())
}

// demoServer serves a copy of an example library. Each reset replaces the copy with a new one.
type demoServer struct {
	folder  string          // has the original and the copies
	sources []config.Source // of the settings that a demo reads
	secret  string          // the SECRET_KEY
	log     *slog.Logger

	resetting sync.Mutex
	copies    int            // the number of copies so far
	closing   sync.WaitGroup // the former copies

	mu      sync.RWMutex
	current *demoCopy
}

// demoCopy is a copy of the example library.
type demoCopy struct {
	*app
	folder   string
	requests sync.WaitGroup // the running requests
}

// settings returns the settings for the library in a subfolder. Reminders are off, because nobody reads the mails of a demo.
func (d *demoServer) settings(subfolder string) (config.Config, error) {
	own := config.Source{Name: "demo", Values: map[string]string{
		"DATA_DIR": filepath.Join(d.folder, subfolder), "SECRET_KEY": d.secret,
		"LOAN_REMIND_BEFORE": "off", "LOAN_REMIND_AFTER": "off",
	}}
	return config.Load(append([]config.Source{own}, d.sources...)...)
}

// original is the subfolder of the example library, of which the demo serves copies.
const original = "original"

// serve makes the example library and serves it until ctx is cancelled.
func (d *demoServer) serve(ctx context.Context, stdout io.Writer) (err error) {
	settings, err := d.settings(original)
	if err != nil {
		return err
	}
	d.log = newLogger(settings, stdout)
	limitMemory(settings.CoverMemory)
	listener, err := listen(ctx, settings.Addr)
	if err != nil {
		return err
	}
	defer listener.Close() //nolint:errcheck // still open only if serve returns early
	accounts, err := d.fill(ctx, settings)
	if err != nil {
		return err
	}
	if err := d.reset(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	if err := printDemo(stdout, settings.LocalURL(), accounts); err != nil {
		return err
	}
	return listenAndShutDown(ctx, listener, d, d.log)
}

// fill makes the example library.
func (d *demoServer) fill(ctx context.Context, settings config.Config) (_ []demo.Account, err error) {
	stores, err := openStores(ctx, settings, d.log)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stores.Close()) }()
	return demo.Fill(ctx, demo.Library{
		Store:  stores.Store,
		Covers: newCovers(settings, stores.Store, unsynced{stores.blobs, settings.CoversDir()}),
		Hasher: auth.NewHasher(auth.OWASP), Log: d.log,
	}, now())
}

// unsynced stores pictures on the disk without an fsync, because nobody needs the pictures of a demo after a crash.
type unsynced struct {
	blob.Store
	folder string
}

// Put writes a picture to the file from which disk.Store reads it.
func (s unsynced) Put(_ context.Context, key string, content []byte) error {
	return os.WriteFile(filepath.Join(s.folder, key), content, 0o600)
}

// reset makes a new copy of the example library and serves it from now on. Running requests finish with the former copy,
// which is then deleted.
func (d *demoServer) reset(ctx context.Context) error {
	d.resetting.Lock()
	defer d.resetting.Unlock()
	next, err := d.copy(context.WithoutCancel(ctx)) // the copy outlives the request
	if err != nil {
		return err
	}
	d.mu.Lock()
	former := d.current
	d.current = next
	d.mu.Unlock()
	if former != nil {
		d.closing.Go(func() {
			former.requests.Wait()
			if err := errors.Join(former.Close(), os.RemoveAll(former.folder)); err != nil {
				d.log.Warn("cannot delete the library from before the reset", "error", err)
			}
		})
	}
	return nil
}

// copy copies the example library and opens the copy.
func (d *demoServer) copy(ctx context.Context) (*demoCopy, error) {
	d.copies++
	settings, err := d.settings(strconv.Itoa(d.copies))
	if err != nil {
		return nil, err
	}
	if err := os.CopyFS(settings.DataDir, os.DirFS(filepath.Join(d.folder, original))); err != nil {
		return nil, err
	}
	app, err := openApp(ctx, settings, d.log, d.reset)
	return &demoCopy{app: app, folder: settings.DataDir}, err
}

// ServeHTTP serves a request with the current copy.
func (d *demoServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.RLock()
	current := d.current
	current.requests.Add(1)
	d.mu.RUnlock()
	defer current.requests.Done()
	current.handler.ServeHTTP(w, r)
}

// close waits until the former copies are closed, and closes the current one.
func (d *demoServer) close() error {
	d.closing.Wait()
	return d.current.Close()
}

// printDemo prints what a visitor needs to know.
func printDemo(w io.Writer, url string, accounts []demo.Account) error {
	t := tabwriter.NewWriter(w, 0, 4, 3, ' ', 0)
	_, _ = fmt.Fprintf(t, "\nThe demo is ready: %s/ (API: %s/docs/)\n\n", url, url) // Flush returns the errors
	for _, a := range accounts {
		_, _ = fmt.Fprintf(t, "  %s\t%s\t%s\t%s\n", a.Role, a.Name, a.Email, a.Password)
	}
	_, _ = fmt.Fprintf(t, "\nRestore its library:  curl -X POST %s/demo/reset\n", url)
	_, _ = fmt.Fprintf(t, "Stop it with Ctrl-C. Then its data is deleted.\n\n")
	return t.Flush()
}
