package mail

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// sendTimeout limits one attempt, from dialling to the server's confirmation. Relays answer within seconds. RFC 5321,
// section 4.5.3.2, suggests minutes, for servers that filter during the transaction.
const sendTimeout = 30 * time.Second

// The ports of mail submission: RFC 6409 (STARTTLS) and RFC 8314 (implicit TLS).
const (
	portStartTLS = 587
	portTLS      = 465
)

// SMTP sends through a mail server.
type SMTP struct {
	host    string
	from    string
	now     func() time.Time
	options []gomail.Option
}

// NewSMTP returns the sender for a URL. smtp://user:password@host:587 requires STARTTLS, unless the host is this
// machine. smtps://… is for implicit TLS. from is the sender's address in messages. NewSMTP returns an error if the URL
// is invalid.
func NewSMTP(rawURL, from string, now func() time.Time) (*SMTP, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, errors.New("not a URL") // err would contain the password
	}
	s := &SMTP{host: u.Hostname(), from: from, now: now}
	port := portStartTLS
	switch {
	case u.Scheme == "smtps":
		port = portTLS
		s.options = append(s.options, gomail.WithSSL())
	case isLocal(s.host):
		s.options = append(s.options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		s.options = append(s.options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if port, err = strconv.Atoi(cmp.Or(u.Port(), strconv.Itoa(port))); err != nil {
		return nil, err
	}
	s.options = append(s.options, gomail.WithPort(port), gomail.WithTimeout(sendTimeout), gomail.WithHELO("localhost"),
		gomail.WithTLSConfig(&tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12}))
	if password, found := u.User.Password(); found {
		s.options = append(s.options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(u.User.Username()), gomail.WithPassword(password))
	}
	_, err = s.client()
	return s, err
}

// client returns a client for one message. A client holds the state of its connection.
func (s *SMTP) client() (*gomail.Client, error) { return gomail.NewClient(s.host, s.options...) }

// Send sends a message to the server.
func (s *SMTP) Send(ctx context.Context, m Message) error {
	msg, err := compose(s.from, m, s.now())
	if err != nil {
		return err
	}
	client, err := s.client()
	if err != nil {
		return err
	}
	err = client.DialAndSendWithContext(ctx, msg)
	if msg.IsDelivered() {
		return nil // an error after the delivery does not matter
	}
	if rejected, ok := errors.AsType[*gomail.SendError](err); ok && rejected.ErrorCode() >= 500 {
		return Permanent{err}
	}
	return err
}

// isLocal reports whether a host is this machine. Connections to it do not need TLS.
func isLocal(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
