// Package accounts has the rules of accounts: sign-up, log-in, sessions, passwords, links by mail, roles, erasure and the
// audit log. It does not depend on HTTP.
package accounts

import (
	"context"
	"log/slog"
	"time"

	"bookplate/auth"
	"bookplate/mail"
	"bookplate/models"
	"bookplate/throttle"
)

// Client describes the client of a request.
type Client struct {
	IP        string
	UserAgent string
	RequestID string // for the log
}

// Hasher makes and verifies password hashes, as auth.Hasher does.
type Hasher interface {
	Hash(ctx context.Context, password string) (string, error)
	Verify(ctx context.Context, stored, password string) (ok, outdated bool, err error)
}

// Library deletes the books of an account that is erased.
type Library interface {
	DeleteOwned(ctx context.Context, owner models.ID) error
}

// Options are the settings and dependencies of Accounts.
type Options struct {
	Store   models.Store
	Library Library
	Hasher  Hasher
	Tokens  *auth.Tokens
	Outbox  *mail.Outbox
	Letters mail.Letters
	Audit   *Audit
	Log     *slog.Logger
	Now     func() time.Time

	Passwords  models.PasswordPolicy
	SessionTTL time.Duration
	Activation bool // new accounts must verify their address before they log in
	SignUpMode models.SignUp
	AdminEmail string // the account with this address becomes an administrator; may be empty

	Limiter      throttle.Limiter
	LoginLimit   throttle.Limit // failed log-ins to one account from one network
	NetworkLimit throttle.Limit // failed log-ins from one network
	SignUpLimit  throttle.Limit // sign-ups from one network
	LinkLimit    throttle.Limit // requests for links and uses of links, from one network
}

// Accounts has the rules of accounts. A method returns only after its writes are stored. Once a method has begun to write, it
// finishes even if the caller's context is cancelled.
type Accounts struct {
	Options
	users    models.Users
	sessions models.Sessions
	tokens   models.OneTimeTokens
	login    *throttle.Login
}

// New returns Accounts.
func New(o Options) *Accounts {
	return &Accounts{
		Options:  o,
		users:    o.Store.Users(),
		sessions: o.Store.Sessions(),
		tokens:   o.Store.OneTimeTokens(),
		login: &throttle.Login{
			Limiter: o.Limiter, Sessions: o.Store.Sessions(), Account: o.LoginLimit, Network: o.NetworkLimit,
		},
	}
}

// admitNetwork counts an unauthenticated request against the limit of the client's network. The error is
// TooManyRequests if the network has reached the limit.
func (a *Accounts) admitNetwork(ctx context.Context, client Client, limit throttle.Limit, what string) error {
	return a.Limiter.Admit(ctx, limit, what, throttle.Network(client.IP))
}

// ignoreNotFound returns nil if err is NotFound, and err otherwise.
func ignoreNotFound(err error) error {
	if models.CodeOf(err) == models.NotFound {
		return nil
	}
	return err
}
