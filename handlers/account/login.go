package account

import (
	"cmp"
	"errors"
	"net/http"
	"strconv"
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
	Cookie   *delivery  `json:"cookie"`
}

// delivery says where a client wants its tokens.
type delivery string

const (
	inBody    delivery = ""
	inBoth    delivery = "true" // in the body, and the access token in a cookie
	inCookies delivery = "only" // both tokens in cookies, which no script can read
)

// UnmarshalJSON decodes true, false or "only". In a form they are texts.
func (d *delivery) UnmarshalJSON(value []byte) error {
	text := strings.TrimSpace(strings.Trim(string(value), `"`))
	if text == string(inCookies) {
		*d = inCookies
		return nil
	}
	if text == "null" {
		return nil
	}
	cookie, err := strconv.ParseBool(text)
	if err != nil {
		return errors.New("must be true, false or only")
	}
	if cookie {
		*d = inBoth
	}
	return nil
}

// loginView is the answer to a log-in: the account, with the tokens of its new session.
type loginView struct {
	web.User
	grantView
}

// grantView are the tokens of a session. If they are in cookies only, the view has nothing but their lifetime.
type grantView struct {
	Token        string `json:"token,omitzero"`
	TokenType    string `json:"token_type,omitzero"`
	ExpiresIn    int64  `json:"expires_in"` // seconds
	RefreshToken string `json:"refresh_token,omitzero"`
}

// deliver sets the cookies that the client wants, and returns what the body has.
func (h *Handlers) deliver(c *gin.Context, g accounts.Grant, to delivery) grantView {
	view := grantView{g.Access, "Bearer", int64(g.ExpiresIn.Round(time.Second).Seconds()), g.Refresh}
	if to == inBody {
		return view
	}
	h.Cookies.SetAccess(c, g.Access, g.ExpiresIn)
	if to == inBoth {
		return view
	}
	h.Cookies.SetRefresh(c, g.Refresh, g.Session.ExpiresAt.Sub(h.Accounts.Now()))
	return grantView{ExpiresIn: view.ExpiresIn}
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
	to, err := h.delivery(c, b, in.Cookie)
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
	web.Respond(c, http.StatusOK, "Successfully fetched auth token", loginView{web.NewUser(user), h.deliver(c, grant, to)})
	return nil
}

// LogInWithCookies starts a session for a page of this server. Both tokens are in cookies. The error for a wrong password is
// WrongCredentials.
func (h *Handlers) LogInWithCookies(c *gin.Context, email, password string) error {
	if err := h.Cookies.Check(c); err != nil {
		return err
	}
	_, grant, err := h.Accounts.LogIn(c.Request.Context(), ClientOf(c), email, password)
	if err == nil {
		h.deliver(c, grant, inCookies)
	}
	return err
}

// RefreshCookies replaces the tokens in the cookies by those that the refresh token gets. If there is no such cookie, the error
// is TokenMissing.
func (h *Handlers) RefreshCookies(c *gin.Context) error {
	token := h.Cookies.RefreshToken(c)
	if token == "" {
		return &models.Error{Code: models.TokenMissing}
	}
	grant, err := h.Accounts.Refresh(c.Request.Context(), ClientOf(c), token)
	if err == nil {
		h.deliver(c, grant, inCookies)
	}
	return err
}

// delivery returns where the client wants its tokens. It returns an error if fields are invalid, or if a page of another
// origin asks for a cookie. That prevents login CSRF, in which a page logs its visitor in to the attacker's account.
func (h *Handlers) delivery(c *gin.Context, b *web.Body, wanted *delivery) (delivery, error) {
	if err := b.Invalid(); err != nil || wanted == nil || *wanted == inBody {
		return inBody, err
	}
	return *wanted, h.Cookies.Check(c)
}

type refreshRequest struct {
	RefreshToken string    `json:"refresh_token"`
	Cookie       *delivery `json:"cookie"`
}

// Refresh replaces a refresh token. The token comes from the body, or else from the Authorization header, or, if the
// client wants its tokens in cookies only, from the cookie. A client that sends its access token in that header must send the
// refresh token in the body.
func (h *Handlers) Refresh(c *gin.Context) error {
	var in refreshRequest
	b, err := web.Read(c, &in)
	if err != nil {
		return err
	}
	to, err := h.delivery(c, b, in.Cookie)
	if err != nil {
		return err
	}
	token := cmp.Or(in.RefreshToken, middleware.BearerToken(c))
	if token == "" && to == inCookies {
		token = h.Cookies.RefreshToken(c)
	}
	if token == "" {
		return &models.Error{Code: models.TokenMissing}
	}
	grant, err := h.Accounts.Refresh(c.Request.Context(), ClientOf(c), token)
	if err != nil {
		return err
	}
	web.Respond(c, http.StatusOK, "Successfully refreshed auth token", h.deliver(c, grant, to))
	return nil
}
