// Package config defines and loads the settings of the server: their names, defaults, meanings and allowed values.
package config

import (
	"cmp"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"text/tabwriter"
	"time"

	"bookplate/models"
	"bookplate/throttle"
)

// Config holds the settings. Load has checked them.
type Config struct {
	Addr            string // host:port to listen on
	DataDir         string
	DatabaseURL     string
	CoversURL       string
	S3AccessKey     string // for covers in s3://
	S3SecretKey     string
	SecretKey       []byte // if empty, the server creates one in DataDir
	PublicURL       string // without a trailing slash; if empty, it is taken from each request (mails use LinkURL)
	TrustedProxies  []netip.Prefix
	CORSOrigins     []string
	AccessTokenTTL  time.Duration
	RefreshTokenTTL time.Duration // at least AccessTokenTTL
	Names           models.NamePolicy
	Passwords       models.PasswordPolicy
	Categories      models.Categories
	MaxUpload       int64 // bytes
	MaxImport       int64 // bytes
	MaxPixels       int64
	CoverSizes      []int // pixels
	CoverMemory     int64 // bytes
	Throttle        bool
	LoginLimit      throttle.Limit // failed log-ins to an account from a network
	NetworkLimit    throttle.Limit // failed log-ins from a network
	SignUpLimit     throttle.Limit // sign-ups from a network
	ResetLimit      throttle.Limit // from a network: requests for a link by mail, and passwords set with a link
	AdminEmail      string
	SMTPURL         string // if empty, messages are written to MailDir
	MailFrom        string
	Activation      bool // a new account's address must be verified before the first log-in
	SignUp          models.SignUp
	OwnersOnly      bool // only the owner of a book and librarians see it
	LogJSON         bool
	TrashTTL        time.Duration // how long a book stays in the trash; zero for ever
	RemindBefore    time.Duration // how long before the due date a reminder is sent; zero for no reminder
	RemindAfter     time.Duration // how long after the due date a reminder is sent; zero for no reminder
	BackupEvery     time.Duration // zero for no backups
	BackupKeep      int
	BackupURL       string
	MetadataSources []string // in the order in which they are asked about an ISBN; empty turns look-up off
	MetadataContact string   // where the sources reach the operator; may be empty

	values  map[string]string // by the name of the setting, for Print
	origins map[string]Source // the source of each value, by the name of the setting
}

// Source is a source of settings, such as the environment.
type Source struct {
	Name   string
	Values map[string]string
	rank   int // the position among the sources; a lower rank has precedence, and the default has the highest
}

// Flags returns the source of the settings on the command line.
func Flags(values map[string]string) Source { return Source{Name: "command line", Values: values} }

// Environment returns the source of the settings in the environment, as os.Environ returns it.
func Environment(environ []string) Source {
	values := make(map[string]string, len(environ))
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		values[name] = value
	}
	return Source{Name: "environment", Values: values}
}

// dotenv is the name of the source of a .env file.
const dotenv = ".env"

// Dotenv returns the source of the settings in a .env file.
func Dotenv(values map[string]string) Source { return Source{Name: dotenv, Values: values} }

// Load reads each setting from the first source that has it, or takes its default. The error is one line with the name of
// the variable, its value and what is allowed.
func Load(sources ...Source) (Config, error) {
	c := Config{origins: map[string]Source{}, values: map[string]string{}}
	for i, source := range sources {
		if err := source.checkNames(); err != nil {
			return Config{}, err
		}
		sources[i].rank = i
	}
	for _, s := range settings {
		value, origin, err := s.lookup(sources)
		if err != nil {
			return Config{}, err
		}
		c.values[s.name], c.origins[s.name] = value, origin
		if err := s.set(&c, value); err != nil {
			return Config{}, fmt.Errorf("%s=%q (%s): %w", s.name, s.redacted(value), origin.Name, err)
		}
	}
	return c, nil
}

// lookup returns a setting's value and source. Container platforms pass secrets as files. So the value of a secret may
// also be in a file that the variable NAME_FILE names.
func (s setting) lookup(sources []Source) (value string, origin Source, err error) {
	for _, source := range sources {
		if v, found := source.Values[s.name]; v != "" || found && s.kind == plainOrEmpty {
			return v, source, nil
		}
		path := source.Values[s.name+fileSuffix]
		if s.kind == plain || s.kind == plainOrEmpty || path == "" {
			continue
		}
		content, err := os.ReadFile(path) //nolint:gosec // the operator's own setting
		if err != nil {
			return "", source, fmt.Errorf("%s%s=%q (%s): cannot be read: %w", s.name, fileSuffix, path, source.Name, err)
		}
		source.Name = path
		return strings.TrimSpace(string(content)), source, nil
	}
	return s.byDefault, Source{Name: "default", rank: len(sources)}, nil
}

// credentials matches everything up to the last @ of a URL. It also matches in a malformed URL, and in one that must
// not have credentials.
var credentials = regexp.MustCompile(`^([^/@]*//)?.*@`)

// redacted returns a value in a form that may be printed. It masks a secret and the credentials in a URL. If the URL is
// secret, it also removes the query.
func (s setting) redacted(value string) string {
	if s.kind == secret && value != "" {
		return "******"
	}
	value = credentials.ReplaceAllString(value, "${1}******@")
	if s.kind == secretURL {
		value, _, _ = strings.Cut(value, "?")
	}
	return value
}

// Print writes all settings with their values, origins and meanings; secrets are masked.
func (c Config) Print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, s := range settings {
		value := cmp.Or(s.redacted(c.values[s.name]), "(none)")
		if _, err := fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", s.name, value, c.origins[s.name].Name, s.meaning); err != nil {
			return err
		}
	}
	return t.Flush()
}

// KeepsData reports whether the server stores the database, the covers or the generated secret in DataDir.
func (c Config) KeepsData() bool {
	return len(c.SecretKey) == 0 || strings.HasPrefix(c.DatabaseURL, "sqlite:"+c.DataDir) ||
		strings.HasPrefix(c.CoversURL, "disk:"+c.DataDir) || c.BackupEvery > 0 && strings.HasPrefix(c.BackupURL, "disk:"+c.DataDir)
}

// CoversDir is the default folder of the covers.
func (c Config) CoversDir() string { return filepath.Join(c.DataDir, "covers") }

// BackupsDir is the default folder of the backups.
func (c Config) BackupsDir() string { return filepath.Join(c.DataDir, "backups") }

// MailDir is the folder of the messages that are not sent because SMTP_URL is not set.
func (c Config) MailDir() string { return filepath.Join(c.DataDir, "mail") }

// LinkURL is the server's URL in mails. It never depends on a request.
func (c Config) LinkURL() string { return cmp.Or(c.PublicURL, c.LocalURL()) }

// LocalURL is the server's URL on this machine.
func (c Config) LocalURL() string {
	host, port, _ := net.SplitHostPort(c.Addr) // setAddr has checked it
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}
