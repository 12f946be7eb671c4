package tests

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// run runs a command of the binary in the server's folder, with the server's settings.
func (s *server) run(args ...string) (stdout, stderr string, exitCode int) {
	s.Helper()
	var out, errs buffer
	cmd := exec.CommandContext(s.Context(), binary, args...)
	cmd.Dir, cmd.Env, cmd.SysProcAttr, cmd.Stdout, cmd.Stderr = s.folder, s.settings, serverAttr, &out, &errs
	timer := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	if err := cmd.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		s.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

func TestConfigPrintsEverySetting(t *testing.T) {
	t.Parallel()
	s := newServer(t, "SECRET_KEY="+sharedSecret, "DATABASE_URL=mongodb://ada:hunter2@db.example.com/books?authSource=admin")
	stdout, stderr, code := s.run("config")
	if code != 0 || stderr != "" {
		t.Errorf("exit code %d, stderr %q", code, stderr)
	}
	for _, name := range []string{
		"ADDR", "PORT", "DATA_DIR", "DATABASE_URL", "COVERS_URL", "SECRET_KEY", "PUBLIC_URL", "TRUSTED_PROXIES",
		"CORS_ORIGINS", "ACCESS_TOKEN_TTL", "REFRESH_TOKEN_TTL", "NAME_WORDS", "PASSWORD_MIN", "PASSWORD_MAX", "CATEGORIES", "MAX_UPLOAD",
		"MAX_PIXELS", "COVER_SIZES", "COVER_MEMORY",
		"THROTTLE", "LOGIN_LIMIT", "NETWORK_LIMIT", "SIGNUP_LIMIT", "RESET_LIMIT", "ADMIN_EMAIL", "SMTP_URL", "MAIL_FROM",
		"REQUIRE_ACTIVATION", "LOG_FORMAT",
	} {
		if strings.Count("\n"+stdout, "\n"+name+" ") != 1 {
			t.Errorf("want one line of %s", name)
		}
	}
	leaked := strings.Contains(stdout, sharedSecret) || strings.Contains(stdout, "hunter2")
	if leaked || !strings.Contains(stdout, "db.example.com/books") {
		t.Errorf("want only the secrets masked:\n%s", stdout)
	}
	wantEmpty(t, s.folder)
}

func TestVersion(t *testing.T) {
	t.Parallel()
	for _, arg := range []string{"version", "--version"} {
		if stdout, stderr, code := newServer(t).run(arg); stdout != builtVersion+"\n" || stderr != "" || code != 0 {
			t.Errorf("%s: stdout %q, stderr %q, exit code %d", arg, stdout, stderr, code)
		}
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	stdout, stderr, code := s.run("config", "--addr", "127.0.0.1:1", "--data", "elsewhere")
	for _, want := range []string{"127.0.0.1:1", "elsewhere", "command line"} {
		if code != 0 || !strings.Contains(stdout, want) {
			t.Errorf("exit code %d, stderr %q, want %q in %s", code, stderr, want, stdout)
		}
	}
}

func TestCompletion(t *testing.T) {
	t.Parallel()
	stdout, stderr, code := newServer(t).run("__complete", "user", "gr")
	if code != 0 || !strings.HasPrefix(stdout, "grant\t") {
		t.Errorf("exit code %d, stderr %q, stdout %q", code, stderr, stdout)
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, arg := range []string{"help", "-h", "--help"} {
		stdout, stderr, code := newServer(t).run(arg)
		if !strings.Contains(stdout, "Usage:\n  bookplate [flags]\n") || stderr != "" || code != 0 {
			t.Errorf("%s: stdout %q, stderr %q, exit code %d", arg, stdout, stderr, code)
		}
	}
}

func TestUnknownCommand(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"frobnicate"}, "bookplate: unknown command \"frobnicate\"\nRun `bookplate --help` for help.\n"},
		{[]string{"confg"}, "bookplate: unknown command \"confg\", did you mean \"config\"?\nRun `bookplate --help` for help.\n"},
		{[]string{"user", "lst"}, "bookplate: unknown command \"lst\", did you mean \"list\"?\nRun `bookplate user --help` for help.\n"},
		{[]string{"config", "version"}, "bookplate: unknown command \"version\" for \"bookplate config\"\n"},
		{[]string{"--adr", ":1"}, "bookplate: unknown flag: --adr\n"},
	} {
		s := newServer(t)
		stdout, stderr, code := s.run(c.args...)
		if stdout != "" || !strings.HasPrefix(stderr, c.want) || code != 2 {
			t.Errorf("%v: stdout %q, stderr %q, exit code %d", c.args, stdout, stderr, code)
		}
		wantEmpty(t, s.folder)
	}
}

func TestHealthcheck(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	if stdout, stderr, code := s.run("healthcheck"); code != 1 || stdout != "" || !strings.Contains(stderr, "no server answers") {
		t.Errorf("without a server: stdout %q, stderr %q, exit code %d", stdout, stderr, code)
	}
	s.start()
	if stdout, stderr, code := s.run("healthcheck"); code != 0 || stdout+stderr != "" {
		t.Errorf("with a server: stdout %q, stderr %q, exit code %d", stdout, stderr, code)
	}
}
