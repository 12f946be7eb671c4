package handlers

import (
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"bookplate/auth"
	"bookplate/middleware"
	"bookplate/models"
)

// errLoginFailed has the tutorial's status, 404, and does not tell a wrong password from an unknown address.
var errLoginFailed = &models.Error{
	Code: models.NotFound, Message: "Error fetching auth token!, invalid email or password", Detail: "Unauthorized",
}

// maxUserAgent keeps what a client says of itself to a readable length, in bytes.
const maxUserAgent = 200

type logins struct {
	users    models.Users
	sessions models.Sessions
	hasher   *auth.Hasher
	tokens   *auth.Tokens
	guards   []guard
	now      func() time.Time
}

// guard throttles failed log-ins by some key of the attempt.
type guard struct {
	key      func(ip, email string) string
	throttle *middleware.Throttle
}

// newLogins throttles failures per address and account, against guessing one password, and per address, against trying
// one password on many accounts. Neither locks an account: whoever knows the password gets in from anywhere else.
func newLogins(s Services) *logins {
	h := &logins{s.Store.Users(), s.Store.Sessions(), s.Hasher, s.Tokens, nil, s.Now}
	if s.Config.Throttle {
		h.guards = []guard{
			{
				func(ip, email string) string { return ip + " " + models.EmailKey(email) },
				&middleware.Throttle{Burst: 10, Every: 10 * time.Second, Now: s.Now},
			},
			{
				func(ip, _ string) string { return ip },
				&middleware.Throttle{Burst: 100, Every: time.Second, Now: s.Now},
			},
		}
	}
	return h
}

// loginView is an account with the token that log-in made.
type loginView struct {
	userView
	Token     string `json:"token"`
	TokenType string `json:"token_type"`
	ExpiresIn int64  `json:"expires_in"` // seconds
}

func (h *logins) login(c *gin.Context) error {
	b, err := readBody(c, maxText)
	if err != nil {
		return err
	}
	if len(b.values) == 0 {
		return errNoUserDetails
	}
	email, password := orEmpty(b.text("email")), b.secret("password")
	// Only what can be no address at all is refused: the tutorial's code has let odd ones in, and they log in.
	if local, domain, _ := strings.Cut(email, "@"); local == "" || domain == "" {
		b.check("email", "must be an e-mail address such as ada@example.com")
	}
	if password == "" {
		b.check("password", "is required")
	}
	if err := models.InvalidFields(b.wrong); err != nil {
		return err
	}
	user, err := h.signIn(c, email, password)
	if err != nil {
		return err
	}
	token, err := h.startSession(c, user)
	if err != nil {
		return err
	}
	respond(c, http.StatusOK, "Successfully fetched auth token", loginView{
		viewUser(user), token, "Bearer", int64(h.tokens.TTL().Seconds()),
	})
	return nil
}

// signIn is the account that an e-mail address and a password belong to. Failing takes as long whether or not the
// account exists.
func (h *logins) signIn(c *gin.Context, email, password string) (models.User, error) {
	ctx, ip := c.Request.Context(), throttledIP(c.ClientIP())
	for _, g := range h.guards {
		if err := g.throttle.Try(g.key(ip, email)); err != nil {
			return models.User{}, err
		}
	}
	user, err := h.users.GetByEmail(ctx, email)
	if err != nil && models.CodeOf(err) != models.NotFound {
		return models.User{}, err
	}
	ok, outdated, verifyErr := h.hasher.Verify(ctx, user.PasswordHash, password)
	switch {
	case verifyErr != nil:
		return models.User{}, verifyErr
	case !ok:
		return models.User{}, errLoginFailed.Because(err)
	}
	for _, g := range h.guards {
		g.throttle.Succeeded(g.key(ip, email))
	}
	if outdated {
		return h.renewHash(c, user, password)
	}
	return user, nil
}

// renewHash replaces a hash of an older kind now that the password is at hand.
func (h *logins) renewHash(c *gin.Context, user models.User, password string) (models.User, error) {
	hash, err := h.hasher.Hash(c.Request.Context(), password)
	if err != nil {
		return models.User{}, err
	}
	return h.users.Update(c.Request.Context(), user.ID, models.UserUpdate{PasswordHash: &hash})
}

func (h *logins) startSession(c *gin.Context, user models.User) (token string, err error) {
	now := h.now()
	agent := strings.ToValidUTF8(c.Request.UserAgent(), "")
	session := models.Session{
		ID: models.NewID(now), UserID: user.ID, CreatedAt: now, ExpiresAt: now.Add(h.tokens.TTL()),
		IP: c.ClientIP(), UserAgent: strings.ToValidUTF8(agent[:min(len(agent), maxUserAgent)], ""),
	}
	if err := h.sessions.Create(c.Request.Context(), session); err != nil {
		return "", err
	}
	return h.tokens.Issue(user.ID, session.ID)
}

func (h *logins) logout(c *gin.Context) error {
	if err := h.sessions.Delete(c.Request.Context(), middleware.SessionOf(c).ID); err != nil {
		return err
	}
	respond(c, http.StatusOK, "Successfully logged out", nil)
	return nil
}

// throttledIP is the address that failures are counted under: of IPv6 the network, since whoever has one address of a
// /64 has all of them.
func throttledIP(ip string) string {
	addr, err := netip.ParseAddr(ip)
	if err != nil || addr.Unmap().Is4() {
		return ip
	}
	prefix, err := addr.Prefix(64)
	if err != nil {
		return ip
	}
	return prefix.String()
}
