package handlers

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"bookplate/middleware"
	"bookplate/models"
)

var errUsernameTaken = &models.Error{
	Code: models.Conflict, Message: "This user name belongs to another account", Detail: "Conflict",
}

// account is what its owner does with an account beside renaming it.
type account struct {
	store     models.Store
	hasher    Hasher
	passwords models.PasswordPolicy
	mailer    *mailer
	books     *books // whose covers go with the account
	accounts  *accounts
	cookies   *middleware.Cookies
	limiter   limiter
	now       func() time.Time
}

// guessLimit is how many wrong passwords a session may send: a stolen token is not to lead to the password, and nobody
// else can lock the owner out.
var guessLimit = models.Limit{N: 10, Per: 10 * time.Minute}

// update changes the names that are given.
func (h *account) update(c *gin.Context) error {
	b, err := readFields(c)
	if err != nil {
		return err
	}
	user := middleware.UserOf(c)
	up := readNames(b, user)
	if err := models.InvalidFields(b.wrong); err != nil {
		return err
	}
	if up == (models.UserUpdate{}) {
		return &models.Error{Code: models.Invalid, Detail: "give a name, username, first_name or last_name"}
	}
	up.UpdatedAt = h.now()
	user, err = h.store.Users().Update(c.Request.Context(), user.ID, up)
	if models.CodeOf(err) == models.Conflict {
		return errUsernameTaken.Because(err)
	}
	if models.CodeOf(err) == models.NotFound && up.OwnEmailKey() != "" { // its address is another one by now
		return models.InvalidFields(models.Fields{"username": models.CheckUsername(*up.Username, "")})
	}
	if err != nil {
		return err
	}
	respond(c, http.StatusOK, "successfully updated account", viewUser(user))
	return nil
}

// readNames reads the names that are to change, and notes what is wrong with them.
func readNames(b *body, user models.User) models.UserUpdate {
	up := models.UserUpdate{
		Name: b.text("name"), Username: b.text("username"), FirstName: b.text("first_name"), LastName: b.text("last_name"),
	}
	if up.Name != nil {
		b.check("name", models.CheckName(*up.Name))
	}
	if up.Username != nil {
		b.check("username", models.CheckUsername(*up.Username, user.Email))
	}
	b.check("first_name", models.CheckNamePart(orEmpty(up.FirstName)))
	b.check("last_name", models.CheckNamePart(orEmpty(up.LastName)))
	return up
}

// confirm makes sure that who asks knows the account's password, and that nothing else is wrong with the body. A
// password is counted before it is looked at, so that guesses at the same time count too, and a right one is forgotten
// with all before it.
func (h *account) confirm(c *gin.Context, b *body, field, password string) error {
	if password == "" {
		b.check(field, "is required")
	}
	if err := models.InvalidFields(b.wrong); err != nil {
		return err
	}
	ctx, session := c.Request.Context(), string(middleware.SessionOf(c).ID)
	if err := h.limiter.admit(ctx, guessLimit, "password in", session); err != nil {
		return err
	}
	ok, _, err := h.hasher.Verify(ctx, middleware.UserOf(c).PasswordHash, password)
	if err != nil {
		return err
	}
	if !ok {
		return errNotPassword(field)
	}
	return h.limiter.forget(ctx, "password in", session)
}

// recheckPassword makes sure that an account still has the password that it had when the request was authenticated.
// Looking at what was sent as that password takes a while, and it may have become another one in the meantime.
func recheckPassword(ctx context.Context, users models.Users, user models.User, field string) error {
	current, err := users.Get(ctx, user.ID)
	if err == nil && current.PasswordHash != user.PasswordHash {
		return errNotPassword(field)
	}
	return err
}

func errNotPassword(field string) error {
	return models.InvalidFields(models.Fields{field: "is not your password"})
}

// delete disables the account, or erases it for good where ?erase=true says so.
func (h *account) delete(c *gin.Context) error {
	erase, err := strconv.ParseBool(c.DefaultQuery("erase", "false"))
	if err != nil {
		return models.InvalidFields(models.Fields{"erase": "must be true or false"})
	}
	if erase {
		return h.erase(c)
	}
	if err := h.accounts.resign(c); err != nil {
		return err
	}
	up := models.UserUpdate{Active: new(false), UpdatedAt: h.now()}
	// It goes on, as giving up the role has: an administrator is not left active without it.
	if _, err := h.store.Users().Update(goingOn(c), middleware.UserOf(c).ID, up); err != nil {
		return err
	}
	h.cookies.Clear(c)
	c.Status(http.StatusNoContent)
	return nil
}
