package handlers

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"bookplate/middleware"
	"bookplate/models"
)

// resets give a new password to who forgot the old one and reads the account's mail.
type resets struct {
	store     models.Store
	hasher    Hasher
	passwords models.PasswordPolicy
	mailer    *mailer
	throttle  *loginThrottle
	log       *slog.Logger
	now       func() time.Time
}

// ask sends a link. Its answer is the same for every address, and nothing changes until the link is used.
func (h *resets) ask(c *gin.Context) error {
	return h.mailer.ask(c, h.mailer.reset, "If an account has this address, a message is on its way")
}

const resetTitle = "Choose a new password"

// form is the page behind the link. It uses up nothing, and does not look whether the token counts.
func (h *resets) form(c *gin.Context) error {
	return showPage(c, http.StatusOK, resetTitle, "", c.Param("token"))
}

// reset takes a token and a new password, from the form or as JSON. A password that breaks the policy leaves the token
// as it is.
func (h *resets) reset(c *gin.Context) error {
	b, err := readFields(c)
	if err != nil {
		return err
	}
	token, password := orEmpty(b.text("token")), orEmpty(b.secret("password"))
	if token == "" {
		b.check("token", "is required")
	}
	b.check("password", h.passwords.Check(password))
	if len(b.wrong) > 0 && prefersHTML(c.GetHeader("Accept")) {
		return showPage(c, http.StatusBadRequest, resetTitle, sentence(b.wrong), token)
	}
	if err := models.InvalidFields(b.wrong); err != nil {
		return err
	}
	return shown(func(c *gin.Context) (string, error) {
		return "Your password is changed: you can log in with it now", h.use(c, token, password)
	})(c)
}

// use hashes before it takes the token: the hasher may be too busy, and a token counts once. What can be no token costs
// no hash. Whoever has the link reads the account's mail, which proves the address as well, and makes up for failed
// log-ins.
func (h *resets) use(c *gin.Context, token, password string) error {
	if err := h.mailer.admitNetwork(c, "reset"); err != nil {
		return err
	}
	if _, err := h.mailer.hash(token); err != nil {
		return err
	}
	hash, err := h.hasher.Hash(c.Request.Context(), password)
	if err != nil {
		return err
	}
	ctx := goingOn(c)
	return h.mailer.use(ctx, token, models.PurposeReset, func(u models.User, email string) error {
		up := models.UserUpdate{PasswordHash: &hash, Pending: new(false), UpdatedAt: h.now()}
		if err := setPassword(ctx, h.store, u.ID, up, ""); err != nil {
			return err
		}
		if err := h.throttle.forgive(ctx, u.ID); err != nil { // the password is changed all the same
			h.log.Error("failed log-ins could not be forgiven", "user", u.ID, "error", err)
		}
		h.mailer.tell(h.mailer.letters.PasswordChanged(email))
		return nil
	})
}

// setPassword gives an account a new password. Every session but one ends, and links that were sent to its owner are
// dead: who asked for them may have been the reason for the change. They go before, so that none of them is left should
// the server die right after the update, and once more for those that the old password has made meanwhile.
func setPassword(ctx context.Context, s models.Store, id models.ID, up models.UserUpdate, except models.ID) error {
	if err := endAccess(ctx, s, id, except); err != nil {
		return err
	}
	if _, err := s.Users().Update(ctx, id, up); err != nil {
		return err
	}
	return endAccess(ctx, s, id, except)
}

// endAccess ends every session of an account but one, and kills its links.
func endAccess(ctx context.Context, s models.Store, id, except models.ID) error {
	if err := s.Sessions().DeleteAll(ctx, id, except); err != nil {
		return err
	}
	_, err := s.OneTimeTokens().DeleteAll(ctx, id)
	return err
}

// replacePassword gives an account a new password in place of the one that its owner was confirmed to know. Should it
// have another one by now, its sessions and links stay. Only if that one comes just between the look and the change,
// they go with those of the old one: better too many than one too few.
func (h *account) replacePassword(ctx context.Context, user models.User, hash string, except models.ID) error {
	err := recheckPassword(ctx, h.store.Users(), user, "old_password")
	if err == nil {
		up := models.UserUpdate{PasswordHash: &hash, ReplacedHash: &user.PasswordHash, UpdatedAt: h.now()}
		err = setPassword(ctx, h.store, user.ID, up, except)
	}
	if models.CodeOf(err) == models.NotFound { // it has another one by now
		return errNotPassword("old_password")
	}
	return err
}

// changePassword sets another password for who knows the old one.
func (h *account) changePassword(c *gin.Context) error {
	b, err := readFields(c)
	if err != nil {
		return err
	}
	old, password := orEmpty(b.secret("old_password")), orEmpty(b.secret("new_password"))
	b.check("new_password", h.passwords.Check(password))
	if err := h.confirm(c, b, "old_password", old); err != nil {
		return err
	}
	hash, err := h.hasher.Hash(c.Request.Context(), password)
	if err != nil {
		return err
	}
	user := middleware.UserOf(c)
	if err := h.replacePassword(goingOn(c), user, hash, middleware.SessionOf(c).ID); err != nil {
		return err
	}
	h.mailer.tell(h.mailer.letters.PasswordChanged(user.Email))
	respond(c, http.StatusOK, "successfully changed password", nil)
	return nil
}
