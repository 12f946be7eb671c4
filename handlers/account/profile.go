package account

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"bookplate/handlers/web"
	"bookplate/middleware"
	"bookplate/models"
)

// Profile shows the caller's account.
func (h *Handlers) Profile(c *gin.Context) error {
	web.Respond(c, http.StatusOK, "successfully retrieved user profile", web.NewUser(middleware.UserOf(c)))
	return nil
}

// renameRejected is the message of PUT /users/ if the name is missing or invalid.
const renameRejected = "Invalid data, you can only update your account name!"

type renameRequest struct {
	Name *string `json:"name"`
}

// Rename changes the account's name and ignores other fields, as in the tutorial.
func (h *Handlers) Rename(c *gin.Context) error {
	var in renameRequest
	b, err := web.Read(c, &in)
	if err != nil {
		return err
	}
	if err := b.Invalid(); err != nil {
		return err
	}
	if in.Name == nil {
		return &models.Error{Code: models.Invalid, Name: "nothing_to_change", Message: renameRejected}
	}
	if err := h.Names.Check(*in.Name); err != nil {
		return &models.Error{
			Code: models.Invalid, Name: models.FieldsInvalid, Message: renameRejected, Detail: models.Fields{"name": err.Error()},
		}
	}
	return h.changeProfile(c, http.StatusCreated, models.UserUpdate{Name: in.Name})
}

type profileRequest struct {
	Name      *string `json:"name"`
	Username  *string `json:"username"`
	FirstName *string `json:"first_name"`
	LastName  *string `json:"last_name"`
}

// ChangeProfile changes the account's names. Names that the request leaves out stay as they are.
func (h *Handlers) ChangeProfile(c *gin.Context) error {
	var in profileRequest
	b, err := web.Read(c, &in)
	if err != nil {
		return err
	}
	checkOptional(b, "name", in.Name, h.Names.Check)
	checkOptional(b, "first_name", in.FirstName, models.CheckNamePart)
	checkOptional(b, "last_name", in.LastName, models.CheckNamePart)
	checkOptional(b, "username", in.Username, func(username string) error {
		return models.CheckUsername(username, middleware.UserOf(c).Email)
	})
	if err := b.Invalid(); err != nil {
		return err
	}
	if in == (profileRequest{}) {
		return &models.Error{
			Code: models.Invalid, Name: "nothing_to_change", Detail: "give a name, username, first_name or last_name",
		}
	}
	return h.changeProfile(c, http.StatusOK, models.UserUpdate{
		Name: in.Name, Username: in.Username, FirstName: in.FirstName, LastName: in.LastName,
	})
}

// checkOptional checks a field by a rule, unless the request leaves the field out.
func checkOptional(b *web.Body, field string, value *string, rule func(string) error) {
	if value != nil {
		b.Check(field, rule(*value))
	}
}

func (h *Handlers) changeProfile(c *gin.Context, status int, up models.UserUpdate) error {
	user, err := h.Accounts.ChangeProfile(c.Request.Context(), middleware.UserOf(c).ID, up)
	if err != nil {
		return err
	}
	web.Respond(c, status, "successfully updated account", web.NewUser(user))
	return nil
}

type eraseRequest struct {
	Password web.Secret `json:"password"`
}

// Delete disables the caller's account. With ?erase=true it deletes the account and everything it owns.
func (h *Handlers) Delete(c *gin.Context) error {
	erase, err := strconv.ParseBool(c.DefaultQuery("erase", "false"))
	if err != nil {
		return models.InvalidField("erase", errors.New("must be true or false"))
	}
	if erase {
		err = h.erase(c)
	} else {
		err = h.Accounts.Disable(c.Request.Context(), middleware.ActorOf(c))
	}
	if err != nil {
		return err
	}
	h.Cookies.Clear(c)
	c.Status(http.StatusNoContent)
	return nil
}

func (h *Handlers) erase(c *gin.Context) error {
	var in eraseRequest
	b, err := web.Read(c, &in)
	if err != nil {
		return err
	}
	b.Require("password", string(in.Password))
	if err := b.Invalid(); err != nil {
		return err
	}
	return h.Accounts.Erase(c.Request.Context(), middleware.ActorOf(c), middleware.SessionOf(c), string(in.Password))
}
