package handlers

import (
	"context"
	"log/slog"
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

type logins struct {
	users    models.Users
	sessions models.Sessions
	hasher   Hasher
	tokens   *auth.Tokens
	cookies  *middleware.Cookies
	lifetime time.Duration // of a session
	guards   []guard
	log      *slog.Logger
	now      func() time.Time
}

// guard throttles failed log-ins by some key of the attempt.
type guard struct {
	key      func(ip, name string) string
	throttle *middleware.Throttle
}

// newLogins throttles failures per address and account, against guessing one password, and per address, against trying
// one password on many accounts. Neither locks an account: whoever knows the password gets in from anywhere else.
func newLogins(s Services, cookies *middleware.Cookies) *logins {
	h := &logins{
		users: s.Store.Users(), sessions: s.Store.Sessions(), hasher: s.Hasher, tokens: s.Tokens, cookies: cookies,
		lifetime: s.Config.RefreshTokenTTL, log: s.Log, now: s.Now,
	}
	if s.Config.Throttle {
		h.guards = []guard{
			{
				func(ip, name string) string { return ip + " " + models.EmailKey(name) },
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

// loginView is an account with the tokens that log-in made.
type loginView struct {
	userView
	grantView
}

func (h *logins) login(c *gin.Context) error {
	b, err := readBody(c, maxText)
	if err != nil {
		return err
	}
	if len(b.values) == 0 && b.wrong == nil {
		return errNoUserDetails
	}
	email, password := orEmpty(b.text("email")), orEmpty(b.secret("password"))
	// Only what can be no address at all is refused: the tutorial's code has let odd ones in, and they log in.
	if local, domain, _ := strings.Cut(email, "@"); local == "" || domain == "" {
		b.check("email", "must be an e-mail address such as ada@example.com")
	}
	if password == "" {
		b.check("password", "is required")
	}
	wantsCookie, err := h.wantsCookie(c, b)
	if err != nil {
		return err
	}
	user, g, err := h.logIn(c, email, password)
	if err != nil {
		return err
	}
	if wantsCookie {
		h.cookies.Set(c, g.access, g.expiresIn)
	}
	respond(c, http.StatusOK, "Successfully fetched auth token", loginView{viewUser(user), viewGrant(g)})
	return nil
}

// wantsCookie says whether the client asks for its token as a cookie too. It is the last to look at a body: its error is
// all that is wrong with it, or that of a page of another origin, which could sign a visitor in to the attacker's account.
func (h *logins) wantsCookie(c *gin.Context, b *body) (bool, error) {
	wanted := b.flag("cookie")
	if err := models.InvalidFields(b.wrong); err != nil || !wanted {
		return false, err
	}
	return true, h.cookies.Check(c)
}

// logIn makes a session of the account that a name and a password belong to. It is every log-in's way.
func (h *logins) logIn(c *gin.Context, name, password string) (models.User, grant, error) {
	user, err := h.signIn(c, name, password)
	if err != nil {
		return models.User{}, grant{}, err
	}
	g, err := h.startSession(c, user)
	if err != nil {
		return models.User{}, grant{}, err
	}
	return user, g, h.confirm(c.Request.Context(), user, g.session, password)
}

// signIn is the account that an e-mail address or a user name, and a password, belong to. Failing takes as long whether or
// not the account exists.
func (h *logins) signIn(c *gin.Context, name, password string) (models.User, error) {
	ctx, ip := c.Request.Context(), throttledIP(c.ClientIP())
	for _, g := range h.guards {
		if err := g.throttle.Check(g.key(ip, name)); err != nil {
			return models.User{}, err
		}
	}
	user, err := h.find(ctx, name)
	if err != nil && models.CodeOf(err) != models.NotFound {
		return models.User{}, err
	}
	ok, outdated, verifyErr := h.hasher.Verify(ctx, user.PasswordHash, password)
	switch {
	case verifyErr != nil:
		return models.User{}, verifyErr
	case !ok:
		for _, g := range h.guards {
			g.throttle.Failed(g.key(ip, name))
		}
		return models.User{}, errLoginFailed.Because(err)
	}
	if outdated {
		return h.renewHash(c, user, password)
	}
	return user, nil
}

// find is the active account of an e-mail address or a user name. There is no doubt which of them a name is: see
// models.CheckUsername.
func (h *logins) find(ctx context.Context, name string) (models.User, error) {
	if strings.Contains(name, "@") {
		return h.users.GetByEmail(ctx, name)
	}
	return h.users.GetByUsername(ctx, name)
}

// renewHash replaces a hash of an older kind now that the password is at hand.
func (h *logins) renewHash(c *gin.Context, user models.User, password string) (models.User, error) {
	hash, err := h.hasher.Hash(c.Request.Context(), password)
	if err != nil {
		return models.User{}, err
	}
	return h.users.Update(c.Request.Context(), user.ID, models.UserUpdate{PasswordHash: &hash})
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
