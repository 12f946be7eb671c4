package handlers

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
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

// errNotActivated is told only to who knows the password.
var errNotActivated = &models.Error{
	Code:   models.Forbidden,
	Detail: "The account is not activated yet: open the link in the mail, or ask for another by POST /users/activate",
}

type logins struct {
	users    models.Users
	sessions models.Sessions
	hasher   Hasher
	tokens   *auth.Tokens
	cookies  *middleware.Cookies
	lifetime time.Duration // of a session
	throttle *loginThrottle
	activate bool // an account with an address that is not proven is refused
	log      *slog.Logger
	now      func() time.Time
}

func newLogins(s Services, cookies *middleware.Cookies) *logins {
	return &logins{
		users: s.Store.Users(), sessions: s.Store.Sessions(), hasher: s.Hasher, tokens: s.Tokens, cookies: cookies,
		lifetime: s.Config.RefreshTokenTTL, throttle: newLoginThrottle(s), activate: s.Config.Activation, log: s.Log, now: s.Now,
	}
}

// loginView is an account with the tokens that log-in made.
type loginView struct {
	userView
	grantView
}

func (h *logins) login(c *gin.Context) error {
	b, err := readFields(c)
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
	if err := models.InvalidFields(b.wrong); err != nil || wanted == nil || !*wanted {
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
	if err := h.recheck(c.Request.Context(), user, g.session, password); err != nil {
		return models.User{}, grant{}, err
	}
	h.log.Info("logged in", "ip", c.ClientIP(), "user", user.ID, "session", g.session.ID, "id", middleware.RequestIDOf(c))
	return user, g, nil
}

// signIn is the account that an e-mail address or a user name, and a password, belong to. Failing takes as long whether or
// not the account exists.
func (h *logins) signIn(c *gin.Context, name, password string) (models.User, error) {
	ctx := c.Request.Context()
	user, err := h.find(ctx, name)
	if err != nil && models.CodeOf(err) != models.NotFound {
		return models.User{}, err
	}
	attempt, throttled := h.throttle.begin(ctx, c.ClientIP(), name, user.ID)
	if throttled != nil {
		if models.CodeOf(throttled) == models.TooManyRequests {
			h.logFailure(c, "throttled", user.ID)
		}
		return models.User{}, throttled
	}
	defer attempt.end()
	ok, outdated, verifyErr := h.hasher.Verify(ctx, user.PasswordHash, password)
	if verifyErr != nil {
		return models.User{}, verifyErr
	}
	if !ok {
		h.logFailure(c, "credentials", user.ID)
		return models.User{}, cmp.Or[error](attempt.failed(ctx), errLoginFailed.Because(err))
	}
	if err := attempt.succeeded(ctx); err != nil {
		return models.User{}, err
	}
	if err := h.checkActivated(user); err != nil {
		return models.User{}, err
	}
	if outdated {
		return h.renewHash(c, user, password)
	}
	return user, nil
}

// logFailure writes the line that fail2ban reads; docs/security.md has its filter, so the line stays as it is. It names
// the account by its id: what was sent as its name may be anything, such as a password in the wrong field.
func (h *logins) logFailure(c *gin.Context, reason string, userID models.ID) {
	h.log.Warn("login failed", "ip", c.ClientIP(), "reason", reason, "user", userID, "id", middleware.RequestIDOf(c))
}

// checkActivated refuses an account whose address has to be proven first.
func (h *logins) checkActivated(user models.User) error {
	if h.activate && user.Pending {
		return errNotActivated
	}
	return nil
}

// find is the active account of an e-mail address or a user name. There is no doubt which of them a name is: see
// models.CheckUsername.
func (h *logins) find(ctx context.Context, name string) (models.User, error) {
	if strings.Contains(name, "@") {
		return h.users.GetByEmail(ctx, name)
	}
	return h.users.GetByUsername(ctx, name)
}

// renewHash replaces a hash of an older kind now that the password is at hand, unless the account has another one by now:
// that of a new password has to stay.
func (h *logins) renewHash(c *gin.Context, user models.User, password string) (models.User, error) {
	hash, err := h.hasher.Hash(c.Request.Context(), password)
	if err != nil {
		return models.User{}, err
	}
	up := models.UserUpdate{PasswordHash: &hash, ReplacedHash: &user.PasswordHash}
	renewed, err := h.users.Update(c.Request.Context(), user.ID, up)
	if models.CodeOf(err) == models.NotFound {
		return user, nil // whether the password still counts is looked at once there is a session: see recheck
	}
	return renewed, err
}
