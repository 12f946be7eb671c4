package handlers

import (
	"context"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"bookplate/auth"
	"bookplate/middleware"
	"bookplate/models"
)

// maxUserAgent keeps what a client says of itself to a readable length, in bytes.
const maxUserAgent = 200

// grant is what a client gets for its password or for its refresh token.
type grant struct {
	session         models.Session
	access, refresh string
	expiresIn       time.Duration // of the access token
}

type grantView struct {
	Token        string `json:"token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int64  `json:"expires_in"` // seconds
	RefreshToken string `json:"refresh_token"`
}

func viewGrant(g grant) grantView {
	return grantView{g.access, "Bearer", int64(g.expiresIn.Round(time.Second).Seconds()), g.refresh}
}

// startSession makes a session of an account.
func (h *logins) startSession(c *gin.Context, user models.User) (grant, error) {
	now := h.now()
	id := models.NewID(now)
	refresh := h.tokens.NewRefresh(id, user.ID)
	ip, agent := c.ClientIP(), strings.ToValidUTF8(c.Request.UserAgent(), "")
	session := models.Session{
		ID: id, UserID: user.ID, CreatedAt: now, ExpiresAt: now.Add(h.lifetime),
		RefreshHash: refresh.Hash(), RotatedAt: now, LastUsedAt: now,
		IP: ip, Network: middleware.Network(ip), UserAgent: strings.ToValidUTF8(agent[:min(len(agent), maxUserAgent)], ""),
	}
	if err := h.sessions.Create(c.Request.Context(), session); err != nil {
		return grant{}, err
	}
	return h.pair(session, refresh)
}

// pair is the refresh token of a session with the access token that comes with it. It is the same each time.
func (h *logins) pair(session models.Session, refresh auth.RefreshToken) (grant, error) {
	access, expires, err := h.tokens.Issue(session, h.tokens.AccessID(refresh), session.RotatedAt)
	return grant{session, access, h.tokens.FormatRefresh(refresh), expires.Sub(h.now())}, err
}

// recheck ends a new session again if its password is not the account's any more. Verifying takes a while, and a change
// of the password in the meantime has ended only the sessions that there were.
func (h *logins) recheck(ctx context.Context, user models.User, session models.Session, password string) error {
	current, err := h.users.Get(ctx, user.ID)
	if err == nil && current.PasswordHash == user.PasswordHash {
		return nil
	}
	if err == nil { // another log-in may have renewed the hash
		var ok bool
		if ok, _, err = h.hasher.Verify(ctx, current.PasswordHash, password); ok {
			return nil
		}
	}
	if err != nil && models.CodeOf(err) != models.NotFound {
		return err
	}
	if err := h.sessions.Delete(ctx, session.ID, user.ID); err != nil && models.CodeOf(err) != models.NotFound {
		return err
	}
	return errLoginFailed
}
