package accounts

import (
	"context"
	"crypto/rand"
	"time"

	"bookplate/auth"
	"bookplate/models"
)

// reuseInterval is how long a replaced refresh token can still be used. Within this time it returns the same new pair
// of tokens again, for clients that lost the answer or refresh concurrently. If it is used later, it or its successor
// was stolen. Supabase Auth uses 10 seconds, too.
const reuseInterval = 10 * time.Second

// Refresh replaces a refresh token. It returns the next refresh token with an access token. If a token is used after it
// was replaced, its session ends. The error is TokenInvalid or TokenExpired if the token is not accepted.
func (a *Accounts) Refresh(ctx context.Context, client Client, token string) (Grant, error) {
	refresh, session, err := a.checkRefresh(ctx, token)
	if err != nil {
		return Grant{}, err
	}
	// If several calls with the same token run at once, also on several copies of the server, the store lets only one
	// of them rotate the token. All calls read the stored result, so all return the same pair.
	now, hash, next := a.Now(), refresh.Hash(), a.Tokens.NextRefresh(refresh)
	if hash == session.RefreshHash {
		session, err = a.sessions.Rotate(ctx, session.ID, hash, next.Hash(), now)
		if err != nil {
			return Grant{}, sessionEnded(err)
		}
	}
	if !justReplaced(session, hash, now) {
		return Grant{}, a.endReplayed(ctx, client, session)
	}
	return a.grant(session, next)
}

// Extend returns a new access token for a refresh token. The refresh token stays valid.
func (a *Accounts) Extend(ctx context.Context, client Client, token string) (string, error) {
	refresh, session, err := a.checkRefresh(ctx, token)
	if err != nil {
		return "", err
	}
	now, hash := a.Now(), refresh.Hash()
	if hash != session.RefreshHash && !justReplaced(session, hash, now) {
		return "", a.endReplayed(ctx, client, session)
	}
	if err := a.sessions.Touch(ctx, session.ID, now); err != nil {
		return "", sessionEnded(err)
	}
	access, _, err := a.Tokens.Issue(session, rand.Text(), now)
	return access, err
}

// checkRefresh checks a refresh token, and returns it parsed and with its session.
func (a *Accounts) checkRefresh(ctx context.Context, token string) (auth.RefreshToken, models.Session, error) {
	refresh, err := a.Tokens.ParseRefresh(token)
	if err != nil {
		return auth.RefreshToken{}, models.Session{}, err
	}
	session, user, err := a.authenticate(ctx, refresh.SessionID, refresh.UserID)
	if err != nil {
		return auth.RefreshToken{}, models.Session{}, err
	}
	return refresh, session, a.checkActivated(user)
}

// sessionEnded returns TokenInvalid if err says that the session ended during the call, and err otherwise.
func sessionEnded(err error) error {
	if models.CodeOf(err) == models.NotFound {
		return auth.ErrInvalid.WithCause(err)
	}
	return err
}

// justReplaced reports whether a refresh token was replaced within the reuse interval.
func justReplaced(session models.Session, hash string, now time.Time) bool {
	return hash == session.PreviousHash && now.Sub(session.RotatedAt) < reuseInterval
}

// endReplayed ends the session of a refresh token that was used after it was replaced. Either this client or the one
// that used the successor is an attacker, and the server cannot know which (RFC 9700, section 4.14.2). It returns
// TokenInvalid.
func (a *Accounts) endReplayed(ctx context.Context, client Client, session models.Session) error {
	a.Log.Warn("a refresh token was used again; its session is ended",
		"session", session.ID, "user", session.UserID, "ip", client.IP, "id", client.RequestID)
	err := a.sessions.Delete(context.WithoutCancel(ctx), session.ID, session.UserID)
	if ignoreNotFound(err) != nil {
		return err
	}
	return auth.ErrInvalid
}
