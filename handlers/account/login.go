package account

import (
	"cmp"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"bookplate/accounts"
	"bookplate/handlers/web"
	"bookplate/middleware"
	"bookplate/models"
)

// errLoginFailed is the error for a wrong e-mail address or password. Its status is 404, because clients of the
// tutorial expect that.
var errLoginFailed = &models.Error{
	Code: models.NotFound, Name: "wrong_credentials",
	Message: "Error fetching auth token!, invalid email or password", Detail: "Unauthorized",
}

type loginRequest struct {
	Email    string     `json:"email"`
	Password web.Secret `json:"password"`
	Cookie   *bool      `json:"cookie"`
}

// loginView is the answer to a log-in: the account, with the tokens of its new session.
type loginView struct {
	web.User
	grantView
}

type grantView struct {
	Token        string `json:"token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int64  `json:"expires_in"` // seconds
	RefreshToken string `json:"refresh_token"`
}

func viewGrant(g accounts.Grant) grantView {
	return grantView{g.Access, "Bearer", int64(g.ExpiresIn.Round(time.Second).Seconds()), g.Refresh}
}

// LogIn starts a session.
func (h *Handlers) LogIn(c *gin.Context) error {
	var in loginRequest
	b, err := web.Read(c, &in)
	if err != nil {
		return err
	}
	if b.Empty() {
		return errNoUserDetails
	}
	// models.CheckEmail would be too strict here, because accounts from the tutorial's code may have unusual addresses.
	if local, domain, _ := strings.Cut(in.Email, "@"); local == "" || domain == "" {
		b.Check("email", errors.New("must be an e-mail address such as ada@example.com"))
	}
	b.Require("password", string(in.Password))
	wantsCookie, err := h.wantsCookie(c, b, in.Cookie)
	if err != nil {
		return err
	}
	user, grant, err := h.Accounts.LogIn(c.Request.Context(), ClientOf(c), in.Email, string(in.Password))
	if models.CodeOf(err) == models.WrongCredentials {
		return errLoginFailed.WithCause(err)
	}
	if err != nil {
		return err
	}
	if wantsCookie {
		h.Cookies.Set(c, grant.Access, grant.ExpiresIn)
	}
	web.Respond(c, http.StatusOK, "Successfully fetched auth token", loginView{web.NewUser(user), viewGrant(grant)})
	return nil
}

// wantsCookie reports whether the client also wants its token as a cookie. It returns an error if fields are invalid,
// or if a page of another origin asks for a cookie. That prevents login CSRF, in which a page logs its visitor in to
// the attacker's account.
func (h *Handlers) wantsCookie(c *gin.Context, b *web.Body, wanted *bool) (bool, error) {
	if err := b.Invalid(); err != nil || wanted == nil || !*wanted {
		return false, err
	}
	return true, h.Cookies.Check(c)
}

type refreshRequest struct {
	RefreshToken string `json:"refresh_token"`
	Cookie       *bool  `json:"cookie"`
}

// Refresh replaces a refresh token. The token comes from the body, or else from the Authorization header. A client that
// sends its access token in that header must send the refresh token in the body.
func (h *Handlers) Refresh(c *gin.Context) error {
	var in refreshRequest
	b, err := web.Read(c, &in)
	if err != nil {
		return err
	}
	wantsCookie, err := h.wantsCookie(c, b, in.Cookie)
	if err != nil {
		return err
	}
	token := cmp.Or(in.RefreshToken, middleware.BearerToken(c))
	if token == "" {
		return &models.Error{Code: models.TokenMissing}
	}
	grant, err := h.Accounts.Refresh(c.Request.Context(), ClientOf(c), token)
	if err != nil {
		return err
	}
	if wantsCookie {
		h.Cookies.Set(c, grant.Access, grant.ExpiresIn)
	}
	web.Respond(c, http.StatusOK, "Successfully refreshed auth token", viewGrant(grant))
	return nil
}
