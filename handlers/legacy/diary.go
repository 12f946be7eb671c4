package legacy

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"bookplate/handlers/account"
	"bookplate/handlers/web"
	"bookplate/middleware"
	"bookplate/models"
)

// diaryUser is an account as clients of the diary tutorial see it.
type diaryUser struct {
	Message  string    `json:"message,omitempty"`
	ID       models.ID `json:"id"`
	Username *string   `json:"username"`
	Email    string    `json:"email"`
}

type diaryRegistration struct {
	Username *string    `json:"username"`
	Email    string     `json:"email"`
	Password web.Secret `json:"password"`

	Invitation string `json:"invitation"`
}

// DiaryRegister creates an account. Its user name is also the name of its owner, until the owner sets another name.
func (h *Handlers) DiaryRegister(c *gin.Context) error {
	var in diaryRegistration
	b, err := web.Read(c, &in)
	if err != nil {
		return err
	}
	var username string
	if in.Username == nil {
		b.Require("username", "")
	} else {
		username = *in.Username
		b.Check("username", models.CheckUsername(username, in.Email))
	}
	b.Check("email", models.CheckEmail(in.Email))
	b.Check("password", h.Passwords.Check(string(in.Password)))
	if len(b.Wrong()) > 0 {
		rejectFields(c, b.Wrong())
		return nil
	}
	u := models.User{Name: username, Username: username, Email: in.Email}
	u, err = h.Accounts.SignUp(c.Request.Context(), account.ClientOf(c), u, string(in.Password), in.Invitation)
	if models.CodeOf(err) == models.Conflict {
		rejectTaken(c, err)
		return nil
	}
	if err != nil {
		return err
	}
	c.JSON(http.StatusCreated, diaryUser{ID: u.ID, Username: &u.Username, Email: u.Email})
	return nil
}

// rejectFields answers as the Python library webargs does, with a list of reasons for each invalid field.
func rejectFields(c *gin.Context, wrong models.Fields) {
	reasons := map[string][]string{}
	for field, reason := range wrong {
		reasons[field] = []string{reason}
	}
	_ = c.Error(models.InvalidFields(wrong)) // for the log line
	c.JSON(http.StatusUnprocessableEntity, gin.H{"errors": reasons})
}

// rejectTaken answers that the user name or the e-mail address is taken, and says which of them.
func rejectTaken(c *gin.Context, conflict error) {
	message := "email already exist"
	if models.NameOf(conflict) == models.UsernameTaken {
		message = "username already exist"
	}
	_ = c.Error(conflict) // for the log line
	c.JSON(http.StatusBadRequest, gin.H{"message": message})
}

// DiaryLogIn is the log-in of the diary tutorial.
func (h *Handlers) DiaryLogIn(c *gin.Context) error {
	user, grant, err := h.logIn(c, email)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, gin.H{"status": "success", "data": gin.H{
		"user_id": user.ID, "email": user.Email, "access_token": grant.Access, "refresh_token": grant.Refresh,
	}})
	return nil
}

// DiaryUserInfo is the profile of the diary tutorial.
func (h *Handlers) DiaryUserInfo(c *gin.Context) error {
	u := middleware.UserOf(c)
	c.JSON(http.StatusOK, diaryUser{"welcome to your biodata page", u.ID, web.NewUser(u).Username, u.Email})
	return nil
}

// DiaryRefresh answers with an access token for a refresh token. It does not replace the refresh token, because clients
// of the diary tutorial always send the one they got at log-in.
func (h *Handlers) DiaryRefresh(c *gin.Context) error {
	token := middleware.BearerToken(c)
	if token == "" {
		return &models.Error{Code: models.TokenMissing}
	}
	access, err := h.Accounts.Extend(c.Request.Context(), account.ClientOf(c), token)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, gin.H{"token": access})
	return nil
}

// DiarySignOut ends the session of the request.
func (h *Handlers) DiarySignOut(c *gin.Context) error {
	err := h.Account.EndCurrent(c)
	if models.CodeOf(err) == models.NotFound {
		_ = c.Error(err) // for the log line
		c.JSON(http.StatusBadRequest, gin.H{"message": "Something bad occurred while trying to log you out"})
		return nil
	}
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, gin.H{"message": "Successfully logged out"})
	return nil
}
