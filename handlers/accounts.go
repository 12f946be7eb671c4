package handlers

import (
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"bookplate/middleware"
	"bookplate/models"
)

var (
	errUserNotFound = &models.Error{Code: models.NotFound, Message: "User not found"}
	errNothingToSet = &models.Error{Code: models.Invalid, Message: "failed to update an account", Detail: "give a role or active"}
	errOwnAccount   = &models.Error{Code: models.Forbidden, Detail: "You cannot change your own role, or disable yourself, here"}
)

// accounts are other people's accounts, for administrators. Whatever is done to them is in the audit log.
type accounts struct {
	store models.Users
	audit *audit
	links links
	now   func() time.Time
}

func (h *accounts) list(c *gin.Context) error {
	page, err := readPage(c)
	if err != nil {
		return err
	}
	text, err := readSearch(c)
	if err != nil {
		return err
	}
	if err := h.audit.note(c, models.ActionListUsers, "", "q="+text); err != nil {
		return err
	}
	return list[models.User]{
		message: "successfully retrieved all users",
		fetch: func(after *models.Cursor, limit int) ([]models.User, error) {
			f := models.UserFilter{Text: text, Limit: limit}
			if after != nil {
				f.After = after.ID
			}
			return h.store.List(c.Request.Context(), f)
		},
		place: func(u models.User) models.Cursor { return models.Cursor{ID: u.ID} },
		view:  func(u models.User) any { return viewUser(u) },
	}.respond(c, h.links, page)
}

// maxSearch is the longest text that is searched for, in characters: the longest e-mail address.
const maxSearch = models.MaxEmail

// readSearch is the text that the query asks for.
func readSearch(c *gin.Context) (string, error) {
	text := strings.TrimSpace(c.Query("q"))
	if utf8.RuneCountInString(text) > maxSearch || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		return "", models.InvalidFields(models.Fields{"q": fmt.Sprintf("must be text of at most %d characters", maxSearch)})
	}
	return text, nil
}

func (h *accounts) get(c *gin.Context) error {
	u, err := h.find(c)
	if err != nil {
		return err
	}
	if err := h.audit.note(c, models.ActionReadUser, u.ID, ""); err != nil {
		return err
	}
	respond(c, http.StatusOK, "successfully retrieved an account", viewUser(u))
	return nil
}

// find is the account that the path names. NotFound, also for what is no id.
func (h *accounts) find(c *gin.Context) (models.User, error) {
	id, err := models.ParseID(c.Param("id"))
	if err != nil {
		return models.User{}, errUserNotFound.Because(err)
	}
	u, err := h.store.Get(c.Request.Context(), id)
	if models.CodeOf(err) == models.NotFound {
		return models.User{}, errUserNotFound.Because(err)
	}
	return u, err
}

// update gives an account another role, and disables or enables it.
func (h *accounts) update(c *gin.Context) error {
	before, err := h.find(c)
	if err != nil {
		return err
	}
	up, err := h.readChange(c)
	if err != nil {
		return err
	}
	if before.ID == middleware.UserOf(c).ID {
		return errOwnAccount
	}
	after, err := h.change(c, before, up)
	if err != nil {
		return err
	}
	respond(c, http.StatusOK, "successfully updated account", viewUser(after))
	return nil
}

// change notes a change of an account and makes it.
func (h *accounts) change(c *gin.Context, before models.User, up models.UserUpdate) (models.User, error) {
	if err := h.audit.note(c, models.ActionChangeUser, before.ID, up.Describe()); err != nil {
		return models.User{}, err
	}
	after, err := h.store.Update(goingOn(c), before.ID, up)
	if models.CodeOf(err) == models.Conflict {
		return models.User{}, errUserExists.Because(err)
	}
	if err != nil {
		return models.User{}, err
	}
	return after, h.keepAdmin(c, before, after)
}

func (h *accounts) readChange(c *gin.Context) (models.UserUpdate, error) {
	in, err := readFields(c)
	if err != nil {
		return models.UserUpdate{}, err
	}
	up := models.UserUpdate{Active: in.flag("active"), UpdatedAt: h.now()}
	if role := in.text("role"); role != nil {
		up.Role = new(models.Role(*role))
		in.check("role", models.CheckRole(*up.Role))
	}
	if err := models.InvalidFields(in.wrong); err != nil {
		return models.UserUpdate{}, err
	}
	if up.Active == nil && up.Role == nil {
		return models.UserUpdate{}, errNothingToSet
	}
	return up, nil
}
