// Package admin implements the routes for administrators.
package admin

import (
	"fmt"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"bookplate/accounts"
	"bookplate/handlers/web"
	"bookplate/middleware"
	"bookplate/models"
)

// Handlers are the handlers of this package.
type Handlers struct {
	Accounts *accounts.Accounts
	Links    web.Links
}

// ListUsers lists all accounts, or those that match the search text in the query.
func (h *Handlers) ListUsers(c *gin.Context) error {
	page, err := web.ReadPage(c)
	if err != nil {
		return err
	}
	text, err := readSearch(c)
	if err != nil {
		return err
	}
	if err := h.Accounts.NoteList(c.Request.Context(), middleware.ActorOf(c), text); err != nil {
		return err
	}
	return web.List[models.User]{
		Message: "successfully retrieved all users",
		Fetch: func(after *models.Cursor, limit int) ([]models.User, error) {
			f := models.UserFilter{Text: text, Limit: limit}
			if after != nil {
				f.After = after.ID
			}
			return h.Accounts.List(c.Request.Context(), f)
		},
		Cursor: func(u models.User) models.Cursor { return models.Cursor{ID: u.ID} },
		View:   func(u models.User) any { return web.NewUser(u) },
	}.Respond(c, h.Links, page)
}

// maxSearch is the greatest length of a search text, in characters. It equals the greatest length of an e-mail address.
const maxSearch = models.MaxEmail

// readSearch reads the search text from the query.
func readSearch(c *gin.Context) (string, error) {
	text := strings.TrimSpace(c.Query("q"))
	if utf8.RuneCountInString(text) > maxSearch || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		return "", models.InvalidField("q", fmt.Errorf("must be text of at most %d characters", maxSearch))
	}
	return text, nil
}

// User shows an account.
func (h *Handlers) User(c *gin.Context) error {
	id, err := models.ParseID(c.Param("id"))
	if err != nil {
		return err
	}
	u, err := h.Accounts.Read(c.Request.Context(), middleware.ActorOf(c), id)
	if err != nil {
		return err
	}
	web.Respond(c, http.StatusOK, "successfully retrieved an account", web.NewUser(u))
	return nil
}

type userRequest struct {
	Role   *string `json:"role"`
	Active *bool   `json:"active"`
}

// ChangeUser changes the role of an account, and disables or enables it.
func (h *Handlers) ChangeUser(c *gin.Context) error {
	id, err := models.ParseID(c.Param("id"))
	if err != nil {
		return err
	}
	before, err := h.Accounts.Find(c.Request.Context(), id)
	if err != nil {
		return err
	}
	up, err := readChange(c)
	if err != nil {
		return err
	}
	after, err := h.Accounts.ChangeOther(c.Request.Context(), middleware.ActorOf(c), before, up)
	if err != nil {
		return err
	}
	web.Respond(c, http.StatusOK, "successfully updated account", web.NewUser(after))
	return nil
}

func readChange(c *gin.Context) (models.UserUpdate, error) {
	var in userRequest
	b, err := web.Read(c, &in)
	if err != nil {
		return models.UserUpdate{}, err
	}
	up := models.UserUpdate{Active: in.Active}
	if in.Role != nil {
		up.Role = new(models.Role(*in.Role))
		b.Check("role", models.CheckRole(*up.Role))
	}
	if err := b.Invalid(); err != nil {
		return models.UserUpdate{}, err
	}
	if up == (models.UserUpdate{}) {
		return up, &models.Error{
			Code: models.Invalid, Name: "nothing_to_change",
			Message: "failed to update an account", Detail: "give a role or active",
		}
	}
	return up, nil
}
