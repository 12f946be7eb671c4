package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bookplate/throttle"
)

func load(env, dotenv map[string]string) (Config, error) {
	environment := Environment(nil)
	environment.Values = env
	return Load(environment, Dotenv(dotenv))
}

func TestDefaults(t *testing.T) {
	c, err := load(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Addr != ":5000" || c.DatabaseURL != "sqlite:"+filepath.Join("data", "bookplate.db") ||
		c.CoversURL != "disk:"+filepath.Join("data", "covers") || len(c.SecretKey) != 0 ||
		c.AccessTokenTTL != 24*time.Hour || c.Names != 2 || c.Passwords.Min != 7 || c.Passwords.Max != 200 || len(c.Categories) != 8 ||
		c.MaxUpload != 20<<20 || c.MaxPixels != 64_000_000 || !c.Throttle ||
		c.SignUpLimit != (throttle.Limit{N: 300, Per: time.Hour}) || c.LogJSON {
		t.Errorf("the defaults are %+v", c)
	}
}

// An empty METADATA_SOURCES turns ISBN look-up off and does not stand for the default. The default of METADATA_CONTACT is
// PUBLIC_URL.
func TestMetadata(t *testing.T) {
	for _, test := range []struct {
		env     map[string]string
		sources string
		contact string
	}{
		{nil, "openlibrary,googlebooks", ""},
		{map[string]string{"METADATA_SOURCES": "", "PUBLIC_URL": "https://books.example.com"}, "", "https://books.example.com"},
		{map[string]string{"METADATA_SOURCES": "dnb, bnf", "METADATA_CONTACT": "books@example.com"}, "dnb,bnf", "books@example.com"},
	} {
		c, err := load(test.env, map[string]string{"METADATA_SOURCES": "openlibrary,googlebooks"})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(c.MetadataSources, ","); got != test.sources || c.MetadataContact != test.contact {
			t.Errorf("%v: the sources are %q, the contact is %q", test.env, got, c.MetadataContact)
		}
	}
}

func TestSources(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("0123456789abcdef0123456789abcdef\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := load(map[string]string{"PORT": "8080", "SECRET_KEY_FILE": secret, "DATA_DIR": "/srv"},
		map[string]string{"PORT": "9090", "LOG_FORMAT": "json"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Addr != ":8080" || !c.LogJSON || string(c.SecretKey) != "0123456789abcdef0123456789abcdef" ||
		c.DatabaseURL != "sqlite:"+filepath.Join("/srv", "bookplate.db") {
		t.Errorf("loaded %+v", c)
	}
	var printed strings.Builder
	if err := c.Print(&printed); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"PORT", "8080", "environment", ".env", "default", secret, "******"} {
		if !strings.Contains(printed.String(), want) {
			t.Errorf("%q is not printed:\n%s", want, printed.String())
		}
	}
	if strings.Contains(printed.String(), "0123456789abcdef") {
		t.Errorf("the secret is printed:\n%s", printed.String())
	}
}

// ADDR or PORT in the environment takes precedence over both ADDR and PORT in the .env file.
func TestAddrAndPort(t *testing.T) {
	for _, c := range []struct {
		env, dotenv map[string]string
		want        string
	}{
		{map[string]string{"ADDR": "127.0.0.1:1", "PORT": "2"}, nil, "127.0.0.1:2"},
		{map[string]string{"PORT": "2"}, map[string]string{"ADDR": "127.0.0.1:1"}, "127.0.0.1:2"},
		{map[string]string{"ADDR": "127.0.0.1:1"}, map[string]string{"PORT": "2"}, "127.0.0.1:1"},
		{nil, map[string]string{"ADDR": "127.0.0.1:1", "PORT": "2"}, "127.0.0.1:2"},
	} {
		if got, err := load(c.env, c.dotenv); err != nil || got.Addr != c.want {
			t.Errorf("%v, .env %v: %s (%v), want %s", c.env, c.dotenv, got.Addr, err, c.want)
		}
	}
}

func TestPrintMasksPasswords(t *testing.T) {
	for _, url := range []string{
		"mongodb://ada:hunter2@db.example.com/books?tlsCertificateKeyFilePassword=hunter2",
		"mongodb://ada:hunter2@a.example.com:1,b.example.com:2/books",
		"mongodb+srv://ada:hunter2@db.example.com/",
	} {
		c, err := load(map[string]string{"DATABASE_URL": url}, nil)
		if err != nil {
			t.Fatal(err)
		}
		var printed strings.Builder
		if err := c.Print(&printed); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(printed.String(), "hunter2") {
			t.Errorf("the password is printed:\n%s", printed.String())
		}
	}
}

// The error for an invalid value names the variable and says what is allowed.
func TestInvalidValues(t *testing.T) {
	for _, c := range []struct{ name, value, want string }{
		{"ADDR", "5000", `ADDR="5000" (environment): want host:port, such as :5000 or 127.0.0.1:5000`},
		{"ADDR", ":http", "want a port from 1 to 65535"},
		{"PORT", "0", `PORT="0" (environment): want a port from 1 to 65535`},
		{"PORT", "65536", "want a port from 1 to 65535"},
		{"DATABASE_URL", "postgres://ada:hunter2@localhost/books", "want sqlite:PATH, mongodb://… or mongodb+srv://…"},
		{"DATABASE_URL", "sqlite:", "want sqlite:PATH"},
		{"COVERS_URL", "ftp://x", "want disk:PATH, gridfs: or s3://BUCKET"},
		{"COVERS_URL", "disk:", "want disk:PATH"},
		{"COVERS_URL", "gridfs:covers", "want disk:PATH"},
		{"COVERS_URL", "gridfs:", "DATABASE_URL names SQLite: want disk:PATH or s3://BUCKET"},
		{"COVERS_URL", "s3:covers", "want disk:PATH"},
		{"SECRET_KEY", "too short", "want 32 bytes or more; make one with: openssl rand -base64 48"},
		{"SECRET_KEY_FILE", "/no/such/file", `SECRET_KEY_FILE="/no/such/file" (environment): cannot be read`},
		{"PUBLIC_URL", "books.example.com", "want a URL such as https://books.example.com"},
		{"PUBLIC_URL", "https://ada:hunter2@books.example.com", "want a URL such as https://books.example.com"},
		{"PUBLIC_URL", "https://ada:hun%hunter2@books.example.com", "want a URL such as https://books.example.com"},
		{"COVERS_URL", "ftp://AKIA:hunter2/x@books", "want disk:PATH, gridfs: or s3://BUCKET"},
		{"TRUSTED_PROXIES", "10.0.0.0/8,proxy", "want addresses or networks such as 10.0.0.1,172.16.0.0/12"},
		{"CORS_ORIGINS", "localhost:3000", "want origins such as"},
		{"CORS_ORIGINS", "http://localhost:3000/", "want origins such as"},
		{"ACCESS_TOKEN_TTL", "24", "want a duration of a second or more, such as 24h or 90m"},
		{"ACCESS_TOKEN_TTL", "1ms", "want a duration"},
		{"REFRESH_TOKEN_TTL", "30 days", "want a duration such as 720h"},
		{"REFRESH_TOKEN_TTL", "23h", "not shorter than ACCESS_TOKEN_TTL, which is 24h0m0s"},
		{"NAME_WORDS", "0", "want a number from 1 to 30"},
		{"PASSWORD_MIN", "3", "want a number from 4"},
		{"PASSWORD_MAX", "20", "want a number from 64"},
		{"CATEGORIES", " , ", "want at least one category"},
		{"MAX_UPLOAD", "20MB", "want a size from 1KiB to 1GiB, such as 20MiB"},
		{"MAX_UPLOAD", "9999999GiB", "want a size"},
		{"MAX_PIXELS", "0", "want a number of pixels"},
		{"THROTTLE", "no", "want on or off"},
		{"LOGIN_LIMIT", "10", "want times/duration"},
		{"NETWORK_LIMIT", "0/1h", "want times/duration"},
		{"SIGNUP_LIMIT", "10/0s", "want times/duration"},
		{"RESET_LIMIT", "ten/1h", "want times/duration"},
		{"ADMIN_EMAIL", "admin", "must be an e-mail address"},
		{"SMTP_URL", "mail.example.com:587", "want a URL such as smtp://"},
		{"SMTP_URL", "http://ada:hunter2@mail.example.com", "want a URL such as smtp://"},
		{"SMTP_URL", "smtp://ada:hunter2@mail.example.com/x", "want a URL such as smtp://"},
		{"SMTP_URL", "smtp://ada:hunter2/@mail.example.com", "write @ as %40, / as %2F"},
		{"MAIL_FROM", "books", "want an address such as Bookplate <books@example.com>"},
		{"REQUIRE_ACTIVATION", "yes", "want on or off"},
		{"TRASH_DAYS", "0", "want a number of days from 1 to 3650, or off"},
		{"TRASH_DAYS", "30d", "want a number of days"},
		{"BACKUP_EVERY", "5m", "want a duration of an hour or more, such as 24h, or off"},
		{"BACKUP_KEEP", "0", "want a number from 1 to 1000"},
		{"BACKUP_URL", "/backups", "want disk:PATH or s3://BUCKET"},
		{"BACKUP_URL", "s3://backups", "needs S3_ACCESS_KEY and S3_SECRET_KEY"},
		{"LOAN_REMIND_BEFORE", "3", "want a duration of a day or more, such as 72h, or off"},
		{"LOAN_REMIND_AFTER", "1h", "want a duration of a day or more"},
		{"METADATA_SOURCES", "openlibrary,amazon", "want some of openlibrary,googlebooks,dnb,bnf, each once, or nothing"},
		{"METADATA_SOURCES", "dnb,dnb", "each once"},
		{"METADATA_CONTACT", "call me (maybe)", "want an address such as books@example.com, or a URL"},
		{"LOG_FORMAT", "xml", "want text or json"},
	} {
		_, err := load(map[string]string{c.name: c.value}, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), c.name) {
			t.Errorf("%s=%s: %v, want %s", c.name, c.value, err, c.want)
			continue
		}
		if strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "too short") {
			t.Errorf("%s=%s: %v; want one line without a secret", c.name, c.value, err)
		}
	}
}

func TestCoversURL(t *testing.T) {
	const onMongo, toS3 = "mongodb://localhost", "s3://books?region=eu-north-1"
	keys := map[string]string{"S3_ACCESS_KEY": "AKIA123", "S3_SECRET_KEY": "hunter2"}
	for _, c := range []struct{ database, covers, want string }{
		{"", "", "disk:" + filepath.Join("data", "covers")},
		{"", "disk:/srv/covers", "disk:/srv/covers"},
		{onMongo, "", "gridfs:"},
		{onMongo, "gridfs:", "gridfs:"},
		{onMongo, "disk:/srv/covers", "disk:/srv/covers"},
		{"", toS3, toS3},
		{onMongo, toS3, toS3},
	} {
		got, err := load(map[string]string{"DATABASE_URL": c.database, "COVERS_URL": c.covers}, keys)
		if err != nil || got.CoversURL != c.want || got.S3AccessKey != "AKIA123" || got.S3SecretKey != "hunter2" {
			t.Errorf("%q, %q: %q, error %v, want %q", c.database, c.covers, got.CoversURL, err, c.want)
		}
		var printed strings.Builder
		if err := got.Print(&printed); err != nil || strings.Contains(printed.String(), "hunter2") {
			t.Errorf("error %v, or the secret is printed:\n%s", err, printed.String())
		}
	}
	for missing := range keys {
		env := map[string]string{"COVERS_URL": toS3, "S3_ACCESS_KEY": "AKIA123", "S3_SECRET_KEY": "hunter2", missing: ""}
		if _, err := load(env, nil); err == nil || !strings.HasPrefix(err.Error(), missing+`="" (default): is required`) {
			t.Errorf("without %s: %v", missing, err)
		}
	}
}

// SMTP_URL requires MAIL_FROM.
func TestMailSettings(t *testing.T) {
	const smtp = "smtp://ada:hunter2@mail.example.com"
	if _, err := load(map[string]string{"SMTP_URL": smtp}, nil); err == nil || !strings.HasPrefix(err.Error(), "MAIL_FROM=") {
		t.Errorf("SMTP_URL without MAIL_FROM: %v", err)
	}
	c, err := load(map[string]string{"SMTP_URL": smtp, "MAIL_FROM": "books@example.com", "REQUIRE_ACTIVATION": "on"}, nil)
	if err != nil || c.SMTPURL != smtp || c.MailFrom != "books@example.com" || !c.Activation {
		t.Errorf("%+v, error %v", c, err)
	}
	var printed strings.Builder
	if err := c.Print(&printed); err != nil || strings.Contains(printed.String(), "hunter2") {
		t.Errorf("printed %s, error %v", &printed, err)
	}
	c, err = load(map[string]string{"DATA_DIR": "d", "ADDR": ":80"}, nil)
	if err != nil || c.MailFrom == "" || c.MailDir() != filepath.Join("d", "mail") || c.LinkURL() != "http://localhost:80" {
		t.Errorf("by default: %q, %s, %s, error %v", c.MailFrom, c.MailDir(), c.LinkURL(), err)
	}
}

func TestLocalURL(t *testing.T) {
	for addr, want := range map[string]string{
		":5000":           "http://localhost:5000",
		"0.0.0.0:80":      "http://localhost:80",
		"[::]:5000":       "http://localhost:5000",
		"[::1]:5000":      "http://[::1]:5000",
		"192.0.2.1:5000":  "http://192.0.2.1:5000",
		"books.local:443": "http://books.local:443",
	} {
		c, err := load(map[string]string{"ADDR": addr}, nil)
		if got := c.LocalURL(); err != nil || got != want {
			t.Errorf("%s: %s (%v), want %s", addr, got, err, want)
		}
	}
}

func TestCategoriesAndOrigins(t *testing.T) {
	c, err := load(map[string]string{"CATEGORIES": " cooking, travel ,,", "CORS_ORIGINS": "*"}, nil)
	if err != nil || strings.Join(c.Categories, "|") != "cooking|travel" || strings.Join(c.CORSOrigins, "|") != "*" {
		t.Errorf("%q, %q, error %v", c.Categories, c.CORSOrigins, err)
	}
}

// A misspelled setting is an error in every source. Any other unknown name is an error only in .env.
func TestUnknownNames(t *testing.T) {
	for _, c := range []struct {
		env, dotenv map[string]string
		want        string
	}{
		{map[string]string{"DATABSE_URL": "x"}, nil, "unknown setting DATABSE_URL (environment), did you mean DATABASE_URL?"},
		{map[string]string{"database_url": "x"}, nil, "did you mean DATABASE_URL?"},
		{map[string]string{"SECRET_KEY_FIEL": "x"}, nil, "did you mean SECRET_KEY_FILE?"},
		{nil, map[string]string{"COVER_URL": "x"}, "unknown setting COVER_URL (.env), did you mean COVERS_URL?"},
		{nil, map[string]string{"FLASK_APP": "x"}, "unknown setting FLASK_APP (.env): `bookplate config` lists all settings"},
	} {
		if _, err := load(c.env, c.dotenv); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, .env %v: %v, want %s", c.env, c.dotenv, err, c.want)
		}
	}
	others := map[string]string{"PATH": "x", "HOST": "x", "POST": "x", "FLASK_APP": "x", "XDG_DATA_DIRS": "x", "LOG_LEVEL": "x"}
	if _, err := load(others, nil); err != nil {
		t.Errorf("variables of other programs: %v", err)
	}
}

func TestFlagsPrecedeTheEnvironment(t *testing.T) {
	environment := Environment([]string{"PORT=2", "DATA_DIR=/srv"})
	c, err := Load(Flags(map[string]string{"ADDR": "127.0.0.1:1"}), environment)
	if err != nil || c.Addr != "127.0.0.1:1" || c.DataDir != "/srv" {
		t.Errorf("listens on %s, data in %s, error %v", c.Addr, c.DataDir, err)
	}
}

// An error shows an invalid URL without its password.
func TestInvalidURLsAreShown(t *testing.T) {
	for value, want := range map[string]string{
		"mongo.db":                          `DATABASE_URL="mongo.db"`,
		"postgres://ada:hunter2@localhost/": `DATABASE_URL="postgres://******@localhost/"`,
		"ada:hunter2@localhost":             `DATABASE_URL="******@localhost"`,
		"sqlite://books.db":                 "want sqlite:books.db for a relative path, or sqlite:/books.db",
		"sqlite:///srv/books.db":            "sqlite:/srv/books.db for an absolute path",
	} {
		_, err := load(map[string]string{"DATABASE_URL": value}, nil)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, want %s", value, err, want)
		}
	}
}
