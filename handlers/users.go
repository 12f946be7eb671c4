package handlers

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"bookplate/middleware"
	"bookplate/models"
)

var (
	errNoUserDetails = &models.Error{Code: models.Invalid, Message: "Please provide user details", Detail: "Bad request"}
	errUserExists    = &models.Error{Code: models.Conflict, Message: "User already exists", Detail: "Conflict"}
)

// onlyName is the message where PUT /users/ has no name, or none that the rule allows.
const onlyName = "Invalid data, you can only update your account name!"

type users struct {
	store     models.Users
	hasher    Hasher
	passwords models.PasswordPolicy
	mailer    *mailer
	limiter   limiter
	signUps   models.Limit // of a network
	pending   bool         // new accounts have to prove their address
	now       func() time.Time
}

// userView is an account as clients see it.
type userView struct {
	ID        models.ID   `json:"_id"`
	Name      string      `json:"name"`
	FirstName string      `json:"first_name"`
	LastName  string      `json:"last_name"`
	Email     string      `json:"email"`
	Username  *string     `json:"username"` // null for an account that has none
	Active    bool        `json:"active"`
	Role      models.Role `json:"role"`
	CreatedAt *string     `json:"created_at"`
	UpdatedAt *string     `json:"updated_at"`
}

func viewUser(u models.User) userView {
	v := userView{
		ID: u.ID, Name: u.Name, FirstName: u.FirstName, LastName: u.LastName, Email: u.Email, Active: u.Active, Role: u.Role,
		CreatedAt: timestamp(u.CreatedAt), UpdatedAt: timestamp(u.UpdatedAt),
	}
	if u.Username != "" {
		v.Username = &u.Username
	}
	return v
}

func (h *users) create(c *gin.Context) error {
	b, err := readFields(c)
	if err != nil {
		return err
	}
	if len(b.values) == 0 && b.wrong == nil {
		return errNoUserDetails
	}
	u := models.User{Name: orEmpty(b.text("name"))}
	b.check("name", models.CheckName(u.Name))
	u = h.readCredentials(b, u)
	if err := models.InvalidFields(b.wrong); err != nil {
		return err
	}
	u, err = h.add(c, u, orEmpty(b.secret("password")))
	if models.CodeOf(err) == models.Conflict {
		return errUserExists.Because(err)
	}
	if err != nil {
		return err
	}
	respond(c, http.StatusCreated, "Successfully created new user", viewUser(u))
	return nil
}

// readCredentials reads what a new account signs in with, and notes what is wrong with it. The user name may be missing.
func (h *users) readCredentials(b *body, u models.User) models.User {
	u.Email = orEmpty(b.text("email"))
	b.check("email", models.CheckEmail(u.Email))
	if username := b.text("username"); username != nil {
		b.check("username", models.CheckUsername(*username, u.Email))
		u.Username = *username
	}
	b.check("password", h.passwords.Check(orEmpty(b.secret("password"))))
	return u
}

// add makes an account, and sends its activation link where one is required. Conflict if its address or its user name is
// taken. It is limited here, where it comes to cost something.
func (h *users) add(c *gin.Context, u models.User, password string) (_ models.User, err error) {
	if err := h.limiter.admitNetwork(c, h.signUps, "sign-up"); err != nil {
		return models.User{}, err
	}
	ctx := c.Request.Context()
	if u.PasswordHash, err = h.hasher.Hash(ctx, password); err != nil {
		return models.User{}, err
	}
	now := h.now()
	u.ID, u.Active, u.Pending, u.Role = models.NewID(now), true, h.pending, models.RoleUser
	u.CreatedAt, u.UpdatedAt = now, now
	if err := h.store.Create(ctx, u); err != nil {
		return u, err
	}
	if u.Pending {
		h.mailer.later(h.mailer.activation(u.Email))
	}
	return u, nil
}

func (h *users) profile(c *gin.Context) error {
	respond(c, http.StatusOK, "successfully retrieved user profile", viewUser(middleware.UserOf(c)))
	return nil
}

func (h *users) rename(c *gin.Context) error {
	b, err := readFields(c)
	if err != nil {
		return err
	}
	name := b.text("name")
	if err := models.InvalidFields(b.wrong); err != nil {
		return err
	}
	if name == nil {
		return &models.Error{Code: models.Invalid, Message: onlyName}
	}
	if wrong := models.CheckName(*name); wrong != "" {
		return &models.Error{Code: models.Invalid, Message: onlyName, Detail: models.Fields{"name": wrong}}
	}
	u, err := h.store.Update(c.Request.Context(), middleware.UserOf(c).ID, models.UserUpdate{Name: name, UpdatedAt: h.now()})
	if err != nil {
		return err
	}
	respond(c, http.StatusCreated, "successfully updated account", viewUser(u))
	return nil
}
