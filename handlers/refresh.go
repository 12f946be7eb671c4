package handlers

import (
	"cmp"
	"context"
	"crypto/rand"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"bookplate/auth"
	"bookplate/middleware"
	"bookplate/models"
)

// reuseInterval is how long after its rotation a refresh token is answered once more, with the same pair: for a client
// that lost the answer, or whose tabs ask at once. Later, it has been stolen, or its successor has. The figure is that of
// Supabase Auth.
const reuseInterval = 10 * time.Second

// refresh gives the next refresh token and an access token for a refresh token, which does not count any more.
func (h *logins) refresh(c *gin.Context) error {
	b, err := readFields(c)
	if err != nil {
		return err
	}
	token := orEmpty(b.text("refresh_token"))
	wantsCookie, err := h.wantsCookie(c, b)
	if err != nil {
		return err
	}
	refresh, session, err := h.presented(c, token)
	if err != nil {
		return err
	}
	g, err := h.rotate(c, session, refresh)
	if err != nil {
		return err
	}
	if wantsCookie {
		h.cookies.Set(c, g.access, g.expiresIn)
	}
	respond(c, http.StatusOK, "Successfully refreshed auth token", viewGrant(g))
	return nil
}

// presented is the refresh token of a request, from its body or else from its Authorization header, and the session that
// it belongs to. A client that sends its access token along with everything has the other one in the body.
func (h *logins) presented(c *gin.Context, inBody string) (auth.RefreshToken, models.Session, error) {
	token := cmp.Or(inBody, middleware.BearerToken(c))
	if token == "" {
		return auth.RefreshToken{}, models.Session{}, middleware.TokenMissing(c)
	}
	refresh, err := h.tokens.ParseRefresh(token)
	if err != nil {
		return auth.RefreshToken{}, models.Session{}, middleware.TokenInvalid(c, err)
	}
	session, user, err := h.sessions.Authenticate(c.Request.Context(), refresh.SessionID, refresh.UserID)
	if err := middleware.CheckSession(c, session, user, err, h.now()); err != nil {
		return auth.RefreshToken{}, models.Session{}, err
	}
	return refresh, session, h.checkActivated(user)
}

// rotate replaces a session's refresh token by the one that follows it. Of two calls at once, on whichever copies of the
// server, the store lets one rotate, and both read what it did: so they give the same answer.
func (h *logins) rotate(c *gin.Context, session models.Session, refresh auth.RefreshToken) (_ grant, err error) {
	now, hash, next := h.now(), refresh.Hash(), h.tokens.NextRefresh(refresh)
	if hash == session.RefreshHash {
		session, err = h.sessions.Rotate(c.Request.Context(), session.ID, hash, next.Hash(), now)
		if models.CodeOf(err) == models.NotFound { // it was ended in between
			return grant{}, middleware.TokenInvalid(c, err)
		}
		if err != nil {
			return grant{}, err
		}
	}
	if !justReplaced(session, hash, now) {
		return grant{}, h.replayed(c, session)
	}
	return h.pair(session, next)
}

// extend gives one more access token for a refresh token and leaves that as it is.
func (h *logins) extend(c *gin.Context, session models.Session, refresh auth.RefreshToken) (string, error) {
	now, hash := h.now(), refresh.Hash()
	if hash != session.RefreshHash && !justReplaced(session, hash, now) {
		return "", h.replayed(c, session)
	}
	err := h.sessions.Touch(c.Request.Context(), session.ID, now)
	if models.CodeOf(err) == models.NotFound { // it was ended in between
		return "", middleware.TokenInvalid(c, err)
	}
	if err != nil {
		return "", err
	}
	access, _, err := h.tokens.Issue(session, rand.Text(), now)
	return access, err
}

// justReplaced says whether a refresh token is the one before the one that counts, and has been for a moment only.
func justReplaced(session models.Session, hash string, now time.Time) bool {
	return hash == session.PreviousHash && now.Sub(session.RotatedAt) < reuseInterval
}

// replayed ends the session of a refresh token that does not count any more: of the two who have had it, one is a thief,
// and nobody can say which (RFC 9700, section 4.14.2).
func (h *logins) replayed(c *gin.Context, session models.Session) error {
	h.log.Warn("a refresh token was used again; its session is over",
		"session", session.ID, "user", session.UserID, "ip", c.ClientIP(), "id", middleware.RequestIDOf(c))
	ctx := context.WithoutCancel(c.Request.Context()) // whoever hangs up does not keep it
	if err := h.sessions.Delete(ctx, session.ID, session.UserID); err != nil && models.CodeOf(err) != models.NotFound {
		return err
	}
	return middleware.TokenInvalid(c, auth.ErrInvalid)
}
