package storagetest

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/gofrs/flock"
)

// Ferret is a FerretDB, a server that speaks MongoDB's protocol, in a process of its own. However this process ends,
// that one ends with it.
type Ferret struct {
	addr   string // the same at every start
	folder string // keeps the data; empty for a temporary one that goes with the process
	cmd    *exec.Cmd
	stdin  io.Closer    // the process ends when it is closed
	log    bytes.Buffer // its errors, for when it does not start
}

// NewFerret starts a server with a folder of its own. It is stopped at the end of the test.
func NewFerret(t testing.TB) *Ferret {
	t.Helper()
	f := &Ferret{addr: freeAddr(), folder: t.TempDir()}
	f.Start(t)
	t.Cleanup(func() { f.Stop(t) })
	return f
}

// URL is the server's, whether it runs or not. It names no database.
func (f *Ferret) URL() string { return "mongodb://" + f.addr + "/" }

// Start starts the server where it was, with the data it had, and returns once it accepts connections.
func (f *Ferret) Start(t testing.TB) {
	t.Helper()
	if err := f.start(); err != nil {
		t.Fatal(err)
	}
}

// Stop ends the server, if it runs, and cuts its connections.
func (f *Ferret) Stop(t testing.TB) {
	t.Helper()
	if f.cmd == nil {
		return
	}
	_ = f.stdin.Close()
	if err := f.cmd.Wait(); err != nil {
		t.Errorf("FerretDB ended badly: %v\n%s", err, &f.log)
	}
	f.cmd = nil
}

// Restart stops the server and starts it again.
func (f *Ferret) Restart(t testing.TB) {
	t.Helper()
	f.Stop(t)
	f.Start(t)
}

func (f *Ferret) start() error {
	binary, err := ferretBinary()
	if err != nil {
		return err
	}
	f.log.Reset()
	cmd := exec.Command(binary, "-addr", f.addr, "-data", f.folder)
	cmd.Stderr = &f.log
	if f.stdin, err = cmd.StdinPipe(); err != nil {
		return err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("FerretDB does not start: %w", err)
	}
	if _, err := bufio.NewReader(stdout).ReadString('\n'); err != nil { // it prints its URL once it accepts connections
		return fmt.Errorf("FerretDB does not start: %w\n%s", cmd.Wait(), &f.log)
	}
	f.cmd = cmd
	return nil
}

// freeAddr is a loopback address that nobody listens on. Its port is below those that systems give to outgoing
// connections, so that nobody takes it while the server is stopped.
func freeAddr() string {
	for {
		addr := fmt.Sprintf("127.0.0.1:%d", 20_000+rand.IntN(12_000))
		if l, err := net.Listen("tcp", addr); err == nil {
			_ = l.Close()
			return addr
		}
	}
}

// ferretBinary builds the server and returns its path. Packages are tested in parallel, each by a process of its own:
// one builds, the others wait, and the go command finds that there is nothing left to do.
var ferretBinary = sync.OnceValues(func() (string, error) {
	gomod, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("cannot ask the go command for the module's folder: %w", err)
	}
	source := filepath.Join(filepath.Dir(strings.TrimSpace(string(gomod))), "storage", "storagetest", "ferretdb")
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	binary := filepath.Join(cache, "bookplate", fmt.Sprintf("ferretdb-%.6x", sha256.Sum256([]byte(source)))) // one per checkout
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	return binary, buildFerret(source, binary)
})

func buildFerret(source, binary string) error {
	if err := os.MkdirAll(filepath.Dir(binary), 0o700); err != nil {
		return err
	}
	lock := flock.New(binary + ".lock")
	if err := lock.Lock(); err != nil {
		return err
	}
	defer lock.Unlock() //nolint:errcheck // it is released with the process at the latest
	cmd := exec.Command("go", "build", "-o", binary, ".")
	cmd.Dir = source
	cmd.Env = append(os.Environ(), "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("cannot build FerretDB: %w\n%s", err, out)
	}
	return nil
}
