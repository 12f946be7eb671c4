package handlers

import (
	"cmp"
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"bookplate/middleware"
	"bookplate/models"
)

// tutorials are the ways in that other tutorials' clients know: the same accounts and sessions behind other addresses,
// with bodies that are no envelope. How they refuse is in tutorial_refusals.go.
type tutorials struct {
	users    *users
	logins   *logins
	sessions *sessions
}

// logIn logs in. A failure is Unauthorized here: only the first tutorial's is a 404.
func (h *tutorials) logIn(c *gin.Context, b *body, nameField string) (models.User, grant, error) {
	// The second tutorial's own page sends Password.
	password := orEmpty(cmp.Or(b.secret("password"), b.secret("Password")))
	user, g, err := h.logins.logIn(c, orEmpty(b.text(nameField)), password)
	if models.CodeOf(err) == models.NotFound {
		return models.User{}, grant{}, &models.Error{Code: models.Unauthorized, Message: "Invalid credentials", Err: err}
	}
	return user, g, err
}

// flaskAuth is Flask-JWT's log-in.
func (h *tutorials) flaskAuth(c *gin.Context) error {
	b, err := readFields(c)
	if err != nil {
		return err
	}
	_, g, err := h.logIn(c, b, "username")
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, gin.H{"access_token": g.access})
	return nil
}

// flaskProtected is what Flask-JWT's example protects.
func (h *tutorials) flaskProtected(c *gin.Context) error {
	c.String(http.StatusOK, "User id: %s", middleware.UserOf(c).ID)
	return nil
}

func (h *tutorials) login(c *gin.Context) error {
	b, err := readFields(c)
	if err != nil {
		return err
	}
	_, g, err := h.logIn(c, b, "username")
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, gin.H{"message": "Login Success", "access_token": g.access})
	return nil
}

func (h *tutorials) getName(c *gin.Context) error {
	c.JSON(http.StatusOK, gin.H{"message": "User found", "name": middleware.UserOf(c).Name})
	return nil
}

// diaryUser is an account as the diary's clients see it.
type diaryUser struct {
	Message  string    `json:"message,omitempty"`
	ID       models.ID `json:"id"`
	Username *string   `json:"username"`
	Email    string    `json:"email"`
}

// diaryRegister makes an account. Its name is the user name until its owner gives another.
func (h *tutorials) diaryRegister(c *gin.Context) error {
	b, err := readFields(c)
	if err != nil {
		return err
	}
	u := h.users.readCredentials(b, models.User{Name: orEmpty(b.text("username"))})
	if u.Username == "" {
		b.check("username", "is required")
	}
	if len(b.wrong) > 0 {
		return unprocessable(b.wrong)
	}
	u, err = h.users.add(c, u, orEmpty(b.secret("password")))
	if models.CodeOf(err) == models.Conflict {
		return h.taken(c.Request.Context(), u, err)
	}
	if err != nil {
		return err
	}
	c.JSON(http.StatusCreated, diaryUser{ID: u.ID, Username: &u.Username, Email: u.Email})
	return nil
}

// taken says which of an account's names another one has.
func (h *tutorials) taken(ctx context.Context, u models.User, conflict error) error {
	_, err := h.users.store.GetByUsername(ctx, u.Username)
	if models.CodeOf(err) == models.NotFound {
		return errEmailExists.Because(conflict)
	}
	if err != nil {
		return err
	}
	return errUsernameExists.Because(conflict)
}

func (h *tutorials) diaryLogin(c *gin.Context) error {
	b, err := readFields(c)
	if err != nil {
		return err
	}
	user, g, err := h.logIn(c, b, "email")
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, gin.H{"status": "success", "data": gin.H{
		"user_id": user.ID, "email": user.Email, "access_token": g.access, "refresh_token": g.refresh,
	}})
	return nil
}

func (h *tutorials) diaryUserInfo(c *gin.Context) error {
	u := middleware.UserOf(c)
	c.JSON(http.StatusOK, diaryUser{"welcome to your biodata page", u.ID, viewUser(u).Username, u.Email})
	return nil
}

// diaryRefresh gives an access token for a refresh token, which goes on to count: its clients keep the one they have.
func (h *tutorials) diaryRefresh(c *gin.Context) error {
	refresh, session, err := h.logins.presented(c, "")
	if err != nil {
		return err
	}
	token, err := h.logins.extend(c, session, refresh)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, gin.H{"token": token})
	return nil
}

func (h *tutorials) diarySignOut(c *gin.Context) error {
	err := h.sessions.endMine(c)
	if models.CodeOf(err) == models.NotFound {
		return errSignOut.Because(err)
	}
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, gin.H{"message": "Successfully logged out"})
	return nil
}
