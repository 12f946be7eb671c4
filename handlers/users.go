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
	links     links
	now       func() time.Time
}

// userView is an account as clients see it.
type userView struct {
	ID        models.ID   `json:"_id"`
	Name      string      `json:"name"`
	Email     string      `json:"email"`
	Active    bool        `json:"active"`
	Role      models.Role `json:"role"`
	CreatedAt *string     `json:"created_at"`
	UpdatedAt *string     `json:"updated_at"`
}

func viewUser(u models.User) userView {
	return userView{u.ID, u.Name, u.Email, u.Active, u.Role, timestamp(u.CreatedAt), timestamp(u.UpdatedAt)}
}

func (h *users) create(c *gin.Context) error {
	b, err := readBody(c, maxText)
	if err != nil {
		return err
	}
	if len(b.values) == 0 && b.wrong == nil {
		return errNoUserDetails
	}
	name, email, password := orEmpty(b.text("name")), orEmpty(b.text("email")), orEmpty(b.secret("password"))
	b.check("name", models.CheckName(name))
	b.check("email", models.CheckEmail(email))
	b.check("password", h.passwords.Check(password))
	if err := models.InvalidFields(b.wrong); err != nil {
		return err
	}
	hash, err := h.hasher.Hash(c.Request.Context(), password)
	if err != nil {
		return err
	}
	now := h.now()
	u := models.User{
		ID: models.NewID(now), Name: name, Email: email, PasswordHash: hash, Active: true, Role: models.RoleUser,
		CreatedAt: now, UpdatedAt: now,
	}
	if err := h.store.Create(c.Request.Context(), u); models.CodeOf(err) == models.Conflict {
		return errUserExists.Because(err)
	} else if err != nil {
		return err
	}
	respond(c, http.StatusCreated, "Successfully created new user", viewUser(u))
	return nil
}

func (h *users) profile(c *gin.Context) error {
	respond(c, http.StatusOK, "successfully retrieved user profile", viewUser(middleware.UserOf(c)))
	return nil
}

func (h *users) rename(c *gin.Context) error {
	b, err := readBody(c, maxText)
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

func (h *users) disable(c *gin.Context) error {
	up := models.UserUpdate{Active: new(false), UpdatedAt: h.now()}
	if _, err := h.store.Update(c.Request.Context(), middleware.UserOf(c).ID, up); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

func (h *users) list(c *gin.Context) error {
	page, err := readPage(c)
	if err != nil {
		return err
	}
	return list[models.User]{
		message: "successfully retrieved all users",
		fetch: func(after *models.BookCursor, limit int) ([]models.User, error) {
			f := models.UserFilter{Limit: limit}
			if after != nil {
				f.After = after.ID
			}
			return h.store.List(c.Request.Context(), f)
		},
		place: func(u models.User) models.BookCursor { return models.BookCursor{ID: u.ID} },
		view:  func(u models.User) any { return viewUser(u) },
	}.respond(c, h.links, page)
}
