package handlers

import (
	"cmp"

	"github.com/gin-gonic/gin"

	"bookplate/middleware"
	"bookplate/models"
)

var errLastAdmin = &models.Error{
	Code: models.Forbidden,
	Detail: "No administrator would be left, so nothing was changed: make another account one first (PUT /users/<id>), " +
		"or let the operator take the role away (bookplate user revoke <email> admin)",
}

// keepAdmin undoes a change that took the last administrator away. It looks when the change is written: of two at the
// same time, each then sees the other, and one of them at least is undone.
func (h *accounts) keepAdmin(c *gin.Context, before, after models.User) error {
	if !isAdmin(before) || isAdmin(after) {
		return nil
	}
	left, err := h.store.OtherAdmins(goingOn(c), before.ID)
	if err != nil || left > 0 {
		return err
	}
	undo := models.UserUpdate{Role: &before.Role, Active: &before.Active, UpdatedAt: before.UpdatedAt}
	// The deed has its entry, so that it is undone even if this one cannot be written.
	noted := h.audit.note(c, models.ActionChangeUser, before.ID, "undone: "+undo.Describe())
	_, err = h.store.Update(goingOn(c), before.ID, undo)
	return cmp.Or[error](err, noted, errLastAdmin)
}

func isAdmin(u models.User) bool { return u.Active && u.Role == models.RoleAdmin }

// resign takes the role from an administrator who is about to disable or erase the own account, unless it is the last
// one. A role can be given back where two leave at the same time; an erased account could not.
func (h *accounts) resign(c *gin.Context) error {
	me := middleware.UserOf(c)
	if !isAdmin(me) {
		return nil
	}
	left, err := h.store.OtherAdmins(c.Request.Context(), me.ID)
	if err != nil {
		return err
	}
	if left == 0 {
		return errLastAdmin
	}
	_, err = h.change(c, me, models.UserUpdate{Role: new(models.RoleUser), UpdatedAt: h.now()})
	return err
}
