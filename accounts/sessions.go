package accounts

import (
	"context"
	"strings"
	"time"

	"bookplate/auth"
	"bookplate/models"
	"bookplate/throttle"
)

// maxUserAgent is the maximum length of the part of a User-Agent header that is stored, in bytes.
const maxUserAgent = 200

var (
	// ErrSessionNotFound is returned for a session that has ended or belongs to another account.
	ErrSessionNotFound = &models.Error{Code: models.NotFound, Message: "Session not found"}
	errDisabled        = &models.Error{Code: models.Forbidden, Name: "account_disabled", Detail: "The account is disabled"}
)

// Grant is a session with its tokens.
type Grant struct {
	Session         models.Session
	Access, Refresh string
	ExpiresIn       time.Duration // of the access token
}

// startSession creates a session of an account.
func (a *Accounts) startSession(ctx context.Context, client Client, user models.User) (Grant, error) {
	now := a.Now()
	id := models.NewID(now)
	refresh := a.Tokens.NewRefresh(id, user.ID)
	agent := strings.ToValidUTF8(client.UserAgent, "")
	session := models.Session{
		ID: id, UserID: user.ID, CreatedAt: now, ExpiresAt: now.Add(a.SessionTTL),
		RefreshHash: refresh.Hash(), RotatedAt: now, LastUsedAt: now,
		IP: client.IP, Network: throttle.Network(client.IP),
		UserAgent: strings.ToValidUTF8(agent[:min(len(agent), maxUserAgent)], ""),
	}
	if err := a.sessions.Create(ctx, session); err != nil {
		return Grant{}, err
	}
	return a.grant(session, refresh)
}

// grant returns a session with a refresh token and its access token. The same refresh token always gets the same access
// token.
func (a *Accounts) grant(session models.Session, refresh auth.RefreshToken) (Grant, error) {
	access, expires, err := a.Tokens.Issue(session, a.Tokens.AccessID(refresh), session.RotatedAt)
	return Grant{session, access, a.Tokens.FormatRefresh(refresh), expires.Sub(a.Now())}, err
}

// recheckSession ends a new session if the account's password changed while the log-in verified it. The change of the
// password ended only the sessions that existed then, so the new session would stay.
func (a *Accounts) recheckSession(ctx context.Context, user models.User, session models.Session, password string) error {
	current, err := a.users.Get(ctx, user.ID)
	if err == nil && current.PasswordHash == user.PasswordHash {
		return nil
	}
	if err == nil { // the hash may differ because another log-in renewed it
		var ok bool
		if ok, _, err = a.Hasher.Verify(ctx, current.PasswordHash, password); ok {
			return nil
		}
	}
	if ignoreNotFound(err) != nil {
		return err
	}
	if err := ignoreNotFound(a.sessions.Delete(ctx, session.ID, user.ID)); err != nil {
		return err
	}
	return errWrongCredentials
}

// Authenticate returns the session and the account of an access token. The error is TokenInvalid or TokenExpired if the
// token or its session is not valid, and Forbidden if the account is disabled.
func (a *Accounts) Authenticate(ctx context.Context, token string) (models.Session, models.User, error) {
	claims, err := a.Tokens.Verify(token)
	if err != nil {
		return models.Session{}, models.User{}, err
	}
	return a.authenticate(ctx, claims.SessionID, claims.UserID)
}

func (a *Accounts) authenticate(ctx context.Context, id, userID models.ID) (models.Session, models.User, error) {
	session, user, err := a.sessions.Authenticate(ctx, id, userID)
	switch {
	case models.CodeOf(err) == models.NotFound:
		err = auth.ErrInvalid.WithCause(err)
	case err != nil:
	case !session.ExpiresAt.After(a.Now()):
		err = auth.ErrExpired
	case !user.Active:
		err = errDisabled
	}
	return session, user, err
}

// Erased reports whether an access token is genuine, but its account has been erased.
func (a *Accounts) Erased(ctx context.Context, token string) bool {
	claims, err := a.Tokens.Verify(token)
	if err != nil {
		return false
	}
	_, err = a.users.Get(ctx, claims.UserID)
	return models.CodeOf(err) == models.NotFound
}

// Sessions returns a page of an account's sessions that have not expired. The latest come first.
func (a *Accounts) Sessions(ctx context.Context, userID, after models.ID, limit int) ([]models.Session, error) {
	return a.sessions.List(ctx, models.SessionFilter{UserID: userID, At: a.Now(), After: after, Limit: limit})
}

// EndSession ends a session of an account. The error is ErrSessionNotFound if the account has no such session.
func (a *Accounts) EndSession(ctx context.Context, id, userID models.ID) error {
	err := a.sessions.Delete(ctx, id, userID)
	if models.CodeOf(err) == models.NotFound {
		return ErrSessionNotFound.WithCause(err)
	}
	return err
}

// EndSessions ends all sessions of an account.
func (a *Accounts) EndSessions(ctx context.Context, userID models.ID) error {
	return a.sessions.DeleteAll(ctx, userID, "")
}
