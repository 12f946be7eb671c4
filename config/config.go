// Package config is every setting of the server: its name, its default, what it means and what is allowed.
package config

import (
	"cmp"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"text/tabwriter"
	"time"

	"bookplate/models"
	"bookplate/throttle"
)

// Config is the settings, checked.
type Config struct {
	Addr            string // host:port to listen on
	DataDir         string
	DatabaseURL     string
	CoversURL       string
	S3AccessKey     string // for covers in s3://
	S3SecretKey     string
	SecretKey       []byte // empty: one is made and kept in DataDir
	PublicURL       string // without a slash at its end; empty: taken from each request, but for the links in mails
	TrustedProxies  []netip.Prefix
	CORSOrigins     []string
	AccessTokenTTL  time.Duration
	RefreshTokenTTL time.Duration // at least AccessTokenTTL
	Passwords       models.PasswordPolicy
	Categories      models.Categories
	MaxUpload       int64 // bytes
	MaxPixels       int64
	CoverSizes      []int // pixels
	CoverMemory     int64 // bytes
	Throttle        bool
	LoginLimit      throttle.Limit // failures of an account from a network
	NetworkLimit    throttle.Limit // failures from a network
	SignUpLimit     throttle.Limit // sign-ups from a network
	ResetLimit      throttle.Limit // links by mail asked for from a network, and passwords set by one
	AdminEmail      string
	SMTPURL         string // empty: messages are kept in MailDir
	MailFrom        string
	Activation      bool // nobody logs in to a new account before its address is proven
	LogJSON         bool

	values  map[string]string // by the setting's name, as Print shows them
	origins map[string]string // likewise: where the value comes from
}

// Where a value comes from.
const (
	fromEnvironment = "environment"
	fromDotenv      = ".env"
)

// Load reads the settings from the environment, then from the .env file, then from the defaults. The error is one line
// that names the variable, its value and what is allowed.
func Load(getenv func(string) string, dotenv map[string]string) (Config, error) {
	c := Config{origins: map[string]string{}, values: map[string]string{}}
	for _, s := range settings {
		value, origin, err := s.lookup(getenv, dotenv)
		if err != nil {
			return Config{}, err
		}
		c.values[s.name], c.origins[s.name] = value, origin
		if err := s.set(&c, value); err != nil {
			return Config{}, fmt.Errorf("%s=%q (%s): %w", s.name, s.shown(value), origin, err)
		}
	}
	return c, nil
}

// lookup finds a setting's value and says where. A secret may be in a file named by NAME_FILE, the way container
// platforms hand secrets in.
func (s setting) lookup(getenv func(string) string, dotenv map[string]string) (value, origin string, err error) {
	sources := []struct {
		name string
		get  func(string) string
	}{
		{fromEnvironment, getenv},
		{fromDotenv, func(name string) string { return dotenv[name] }},
	}
	for _, source := range sources {
		if v := source.get(s.name); v != "" {
			return v, source.name, nil
		}
		path := source.get(s.name + "_FILE")
		if !s.secret || path == "" {
			continue
		}
		content, err := os.ReadFile(path) //nolint:gosec // the operator's own setting
		if err != nil {
			return "", "", fmt.Errorf("%s_FILE=%q (%s): cannot be read: %w", s.name, path, source.name, err)
		}
		return strings.TrimSpace(string(content)), path, nil
	}
	return s.value, "default", nil
}

// credentials are those in a URL, also in one that is not well formed or should have none.
var credentials = regexp.MustCompile(`//.*@`)

// shown is a value as it may be printed: of a secret, no more than a URL without its credentials and its query.
func (s setting) shown(value string) string {
	value = credentials.ReplaceAllString(value, "//******@")
	if !s.secret || value == "" || strings.HasPrefix(value, "sqlite:") {
		return value
	}
	if u, err := url.Parse(value); err == nil && u.Host != "" {
		value, _, _ = strings.Cut(value, "?")
		return value
	}
	return "******"
}

// Print writes all settings with their values, origins and meanings; secrets are masked.
func (c Config) Print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, s := range settings {
		shown := cmp.Or(s.shown(c.values[s.name]), "(none)")
		if _, err := fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", s.name, shown, c.origins[s.name], s.meaning); err != nil {
			return err
		}
	}
	return t.Flush()
}

// MailDir is the folder of the messages that no mail server takes.
func (c Config) MailDir() string { return filepath.Join(c.DataDir, "mail") }

// LinkURL is the server's address in mails. No request has a say in it.
func (c Config) LinkURL() string { return cmp.Or(c.PublicURL, c.LocalURL()) }

// LocalURL is where this machine reaches the server.
func (c Config) LocalURL() string {
	host, port, _ := net.SplitHostPort(c.Addr) // setAddr has checked it
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}
