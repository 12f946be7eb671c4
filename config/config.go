// Package config is every setting of the server: its name, its default, what it means and what is allowed.
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
	Names           models.NamePolicy
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
	origins map[string]Source // where the values come from
}

// Source is where settings come from.
type Source struct {
	Name   string
	Values map[string]string
	rank   int // its place in the order of the sources; the default has the last one
}

// Flags returns the source of the settings that are given on the command line.
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

// Load reads the settings from the sources, the first one first, then from the defaults. The error is one line that names
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
			return Config{}, fmt.Errorf("%s=%q (%s): %w", s.name, s.shown(value), origin.Name, err)
		}
	}
	return c, nil
}

// lookup finds a setting's value and its source. A secret may be in a file named by NAME_FILE, as container platforms
// pass secrets.
func (s setting) lookup(sources []Source) (value string, origin Source, err error) {
	for _, source := range sources {
		if v := source.Values[s.name]; v != "" {
			return v, source, nil
		}
		path := source.Values[s.name+fileSuffix]
		if s.kind == plain || path == "" {
			continue
		}
		content, err := os.ReadFile(path) //nolint:gosec // the operator's own setting
		if err != nil {
			return "", source, fmt.Errorf("%s%s=%q (%s): cannot be read: %w", s.name, fileSuffix, path, source.Name, err)
		}
		source.Name = path
		return strings.TrimSpace(string(content)), source, nil
	}
	return s.value, Source{Name: "default", rank: len(sources)}, nil
}

// credentials are what stands before the last @ of a URL, also of one that is not well formed or should have none.
var credentials = regexp.MustCompile(`^([^/@]*//)?.*@`)

// shown returns a value as it may be printed: a secret masked, a URL without its credentials and its query.
func (s setting) shown(value string) string {
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
		shown := cmp.Or(s.shown(c.values[s.name]), "(none)")
		if _, err := fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", s.name, shown, c.origins[s.name].Name, s.meaning); err != nil {
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
