package storagetest

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
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

// program is a server in another process. Its source code is a module in a folder of this package. The server ends when
// this process ends, even if this process crashes.
type program struct {
	name  string // the name of the folder
	args  []string
	cmd   *exec.Cmd    // nil while the server is stopped
	stdin io.Closer    // closing it ends the process
	log   bytes.Buffer // stderr
}

// Start starts the server at its address, and returns once it accepts connections.
func (p *program) Start(t testing.TB) {
	t.Helper()
	if err := p.start(); err != nil {
		t.Fatal(err)
	}
}

// Stop stops the server if it is running. It does not wait for the server's connections.
func (p *program) Stop(t testing.TB) {
	t.Helper()
	if p.cmd == nil {
		return
	}
	_ = p.stdin.Close()
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("%s failed: %v\n%s", p.name, err, &p.log)
	}
	p.cmd = nil
}

func (p *program) start() error {
	binary, err := builders[p.name]()
	if err != nil {
		return err
	}
	p.log.Reset()
	cmd := exec.Command(binary, p.args...)
	cmd.Stderr = &p.log
	if p.stdin, err = cmd.StdinPipe(); err != nil {
		return err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("cannot start %s: %w", p.name, err)
	}
	if _, err := bufio.NewReader(stdout).ReadString('\n'); err != nil { // the server prints a line once it accepts connections
		return fmt.Errorf("cannot start %s: %w\n%s", p.name, cmd.Wait(), &p.log)
	}
	p.cmd = cmd
	return nil
}

// builders build each server only once in a process, because the go command takes a while even if nothing has changed.
var builders = map[string]func() (string, error){
	"ferretdb": sync.OnceValues(func() (string, error) { return build("ferretdb") }),
	"s3server": sync.OnceValues(func() (string, error) { return build("s3server") }),
}

// build builds a server and returns the path of its binary. The tests of several packages may run in parallel and build
// the same server. A file lock lets them build one after another. The later builds are short, because the go command
// has a cache.
func build(name string) (string, error) {
	gomod, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("cannot find the module: %w", err)
	}
	source := filepath.Join(filepath.Dir(strings.TrimSpace(string(gomod))), "storage", "storagetest", name)
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	binary := filepath.Join(cache, "bookplate", fmt.Sprintf("%s-%.6x", name, sha256.Sum256([]byte(source)))) // one per checkout
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	if err := os.MkdirAll(filepath.Dir(binary), 0o700); err != nil {
		return "", err
	}
	lock := flock.New(binary + ".lock")
	if err := lock.Lock(); err != nil {
		return "", err
	}
	defer lock.Unlock() //nolint:errcheck // the end of the process unlocks it
	if _, err := os.Stat(binary); errors.Is(err, fs.ErrNotExist) {
		announce("compiling the test server " + name + ", once; this takes a minute or more")
	}
	cmd := exec.Command("go", "build", "-o", binary, ".")
	cmd.Dir = source
	cmd.Env = append(os.Environ(), "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("cannot build %s: %w\n%s", name, err, out)
	}
	return binary, nil
}

// announce shows a message on the terminal, if there is one. It does not print the message, because go test shows the
// output of a package only at the end of its tests.
func announce(message string) {
	if terminal, err := os.OpenFile("/dev/tty", os.O_WRONLY, 0); err == nil {
		_, _ = fmt.Fprintln(terminal, message)
		_ = terminal.Close()
	}
}

// freeAddr returns an unused loopback address. Its port is below the range of ephemeral ports. So it stays unused while
// the server is stopped.
func freeAddr() string {
	for {
		addr := fmt.Sprintf("127.0.0.1:%d", 20_000+rand.IntN(12_000))
		if l, err := net.Listen("tcp", addr); err == nil {
			_ = l.Close()
			return addr
		}
	}
}
