package tests

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// patience limits every wait. Only a failing test waits that long, so that tests pass on a slow machine.
const patience = 5 * time.Minute

// serverAttr has the attributes of the server's process. A file for one platform may set it.
var serverAttr *syscall.SysProcAttr

// server is the built server with a folder of its own. Its process may be running or not.
type server struct {
	testing.TB
	addr     string // the same at every start
	folder   string // the working directory, without a .env; the server creates data/ in it
	settings []string
	stdout   buffer // of all its runs
	stderr   buffer
	cmd      *exec.Cmd
	exited   chan struct{}
}

// newServer returns a server that is not started. Settings are written NAME=value. Throttling is off unless a setting
// turns it on. The server is killed at the end of the test.
func newServer(t testing.TB, settings ...string) *server {
	t.Helper()
	s := &server{TB: t, addr: freeAddr(), folder: t.TempDir()}
	s.settings = append([]string{"ADDR=" + s.addr, "THROTTLE=off"}, settings...)
	t.Cleanup(func() {
		s.kill()
		if t.Failed() {
			t.Logf("the end of the server's log:\n%s%s", s.stdout.tail(), &s.stderr)
		}
	})
	return s
}

// startServer returns a server that answers.
func startServer(t testing.TB, settings ...string) *server {
	t.Helper()
	s := newServer(t, settings...)
	s.start()
	return s
}

// start starts the server and returns once it answers.
func (s *server) start() {
	s.Helper()
	s.launch()
	s.eventually("the server answers", func() bool {
		select {
		case <-s.exited:
			s.Fatalf("the server ended: %s", &s.stderr)
		default:
		}
		a, err := s.send(get("/livez", ""))
		return err == nil && a.status == http.StatusOK
	})
}

// launch starts the process.
func (s *server) launch() {
	s.Helper()
	s.cmd = exec.Command(binary)
	s.cmd.Dir, s.cmd.Env, s.cmd.SysProcAttr = s.folder, s.settings, serverAttr
	s.cmd.Stdout, s.cmd.Stderr = &s.stdout, &s.stderr
	if err := s.cmd.Start(); err != nil {
		s.Fatal(err)
	}
	cmd, exited := s.cmd, make(chan struct{})
	s.exited = exited
	go func() {
		_ = cmd.Wait() // its ProcessState says how it ended
		close(exited)
	}()
}

// kill ends the process at once, as kill -9 does. If the process does not run, kill does nothing.
func (s *server) kill() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill() // it may have ended by itself
	<-s.exited
	client.CloseIdleConnections()
}

// restart kills the server and starts it again.
func (s *server) restart() {
	s.Helper()
	s.kill()
	s.start()
}

// exitCode waits for the process to end by itself.
func (s *server) exitCode() int {
	s.Helper()
	select {
	case <-s.exited:
	case <-time.After(patience):
		s.Fatal("the server does not end")
	}
	return s.cmd.ProcessState.ExitCode()
}

// eventually polls until happened returns true. The test fails if this takes longer than patience.
func (s *server) eventually(what string, happened func() bool) {
	s.Helper()
	for deadline := time.Now().Add(patience); !happened(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.Fatalf("timed out waiting until %s", what)
		}
	}
}

// freeAddr returns an unused loopback address. Its port is below the range for outgoing connections, so that it stays
// unused while the server is not running.
func freeAddr() string {
	for {
		addr := fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(10_000))
		if l, err := net.Listen("tcp", addr); err == nil {
			_ = l.Close()
			return addr
		}
	}
}
