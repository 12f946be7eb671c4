package tests

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestWrongSettingIsNamedWithWhatIsAllowed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, value, allowed string }{
		{"ADDR", "localhost", "host:port"},
		{"PORT", "http", "a port from 1 to 65535"},
		{"PORT", "65536", "a port from 1 to 65535"},
		{"DATABASE_URL", "postgres://localhost/books", "sqlite:PATH, mongodb://… or mongodb+srv://…"},
		{"COVERS_URL", "ftp://covers", "disk:PATH"},
		{"COVERS_URL", "gridfs:", "DATABASE_URL names SQLite"},
		{"PUBLIC_URL", "books.example.com", "https://books.example.com"},
		{"TRUSTED_PROXIES", "proxy", "10.0.0.1,172.16.0.0/12"},
		{"CORS_ORIGINS", "example.com", "https://books.example.com,http://localhost:*"},
		{"ACCESS_TOKEN_TTL", "a day", "24h or 90m"},
		{"PASSWORD_MIN", "2", "from 4"},
		{"PASSWORD_MAX", "20", "from 64"},
		{"CATEGORIES", ",", "at least one category"},
		{"MAX_UPLOAD", "lots", "from 1KiB to 1GiB"},
		{"MAX_PIXELS", "-1", "from 1 to 1000000000"},
		{"COVER_SIZES", "150,large", "from 16 to 2000"},
		{"COVER_SIZES", "2001", "from 16 to 2000"},
		{"COVER_MEMORY", "1MiB", "16MiB or more"},
		{"THROTTLE", "maybe", "on or off"},
		{"ADMIN_EMAIL", "ada", "ada@example.com"},
		{"SMTP_URL", "http://mail.example.com", "smtp://user:password@mail.example.com:587"},
		{"MAIL_FROM", "Bookplate", "Bookplate <books@example.com>"},
		{"REQUIRE_ACTIVATION", "yes", "on or off"},
		{"LOG_FORMAT", "xml", "text or json"},
		{"SECRET_KEY_FILE", "/no/such/file", "cannot be read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newServer(t, c.name+"="+c.value)
			s.wantStartFailure(c.name+`="`+c.value+`"`, "environment", c.allowed)
			wantEmpty(t, s.folder)
		})
	}
}

func TestShortSecretIsRefusedWithTheCommandForAGoodOne(t *testing.T) {
	t.Parallel()
	const short = "hunter2-hunter2-hunter2"
	for _, setting := range []string{"SECRET_KEY=" + short, "SECRET_KEY_FILE=" + writeFile(t, "key", short+"\n")} {
		s := newServer(t, setting)
		s.wantStartFailure("SECRET_KEY", "32 bytes or more", "openssl rand -base64 48")
		if strings.Contains(s.stderr.String(), "hunter2") {
			t.Errorf("the error has the secret: %s", &s.stderr)
		}
	}
}

func TestErrorForWrongMongoURLHidesPassword(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"mongodb://ada:hunter2@", "mongodb://ada:hunter2@x@localhost/books", "postgres://ada:hunter2@localhost/books",
	} {
		s := newServer(t, "DATABASE_URL="+url)
		s.wantStartFailure("DATABASE_URL", "mongodb://")
		if strings.Contains(s.stderr.String(), "hunter2") {
			t.Errorf("the error has the password: %s", &s.stderr)
		}
	}
}

func TestUnknownSettingStopsTheStart(t *testing.T) {
	t.Parallel()
	s := newServer(t, "DATABSE_URL=sqlite:books.db")
	s.wantStartFailure("unknown setting DATABSE_URL", "did you mean DATABASE_URL?")
	wantEmpty(t, s.folder)
	s = newServer(t)
	if err := os.WriteFile(filepath.Join(s.folder, ".env"), []byte("FLASK_APP=main.py\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.wantStartFailure("unknown setting FLASK_APP (.env)", "bookplate config")
}

func TestEnvironmentWinsOverEnvFile(t *testing.T) {
	t.Parallel()
	s := newServer(t, "PORT=4321")
	env := "# from the tutorial\nPORT=1234\nLOG_FORMAT=json\nSECRET_KEY=" + sharedSecret + "\n"
	if err := os.WriteFile(filepath.Join(s.folder, ".env"), []byte(env), 0o600); err != nil {
		t.Fatal(err)
	}
	s.wantSettings(map[string]string{
		"PORT": "4321 +environment", "LOG_FORMAT": `json +\.env`, "SECRET_KEY": `\*+ +\.env`, "MAX_UPLOAD": "20MiB +default",
	})
}

func TestWrongValueInEnvFileIsNamedAsThat(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	if err := os.WriteFile(filepath.Join(s.folder, ".env"), []byte("LOG_FORMAT=xml\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.wantStartFailure(`LOG_FORMAT="xml" (.env)`, "text or json")
}

func TestSecretKeyFromAFile(t *testing.T) {
	t.Parallel()
	path := writeFile(t, "key", sharedSecret+"\n")
	s := newServer(t, "SECRET_KEY_FILE="+path)
	s.wantSettings(map[string]string{"SECRET_KEY": `\*+ +` + regexp.QuoteMeta(path)})
	s.start()
	token := s.signedIn("ada@example.com").Token
	if _, err := os.Stat(filepath.Join(s.folder, "data", "secret.key")); err == nil {
		t.Error("a secret was generated although SECRET_KEY_FILE is set")
	}
	s.kill()
	s.settings[len(s.settings)-1] = "SECRET_KEY=" + sharedSecret
	s.start()
	s.do(get("/users/", token), http.StatusOK)
}

// wantSettings checks the output of the command config. Each pattern matches a setting's value and origin.
func (s *server) wantSettings(want map[string]string) {
	s.Helper()
	stdout, stderr, code := s.run("config")
	if code != 0 || stderr != "" || strings.Contains(stdout, sharedSecret) {
		s.Errorf("exit code %d, stderr %q, stdout\n%s", code, stderr, stdout)
	}
	for name, pattern := range want {
		if !regexp.MustCompile(`(?m)^` + name + ` +` + pattern + ` `).MatchString(stdout) {
			s.Errorf("no line of %s has %s:\n%s", name, pattern, stdout)
		}
	}
}
