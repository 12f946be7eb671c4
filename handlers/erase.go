package handlers

import (
	"context"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"bookplate/covers"
	"bookplate/middleware"
	"bookplate/models"
)

// eraseBatch is how many books go at a time, so that other writers get their turn in between. What a batch that breaks
// off leaves of their covers is half of what the sweep removes in any case: the other half is for uploads.
const eraseBatch = covers.CrashUploads / 2

// erase removes the account with all that is its own. The books go before the account: if the server dies in between,
// the account is still there and its owner can ask again. It goes on when the client has gone.
func (h *account) erase(c *gin.Context) error {
	b, err := readFields(c)
	if err != nil {
		return err
	}
	if err := h.confirm(c, b, "password", orEmpty(b.secret("password"))); err != nil {
		return err
	}
	ctx, id := goingOn(c), middleware.UserOf(c).ID
	err = recheckPassword(ctx, h.store.Users(), middleware.UserOf(c), "password")
	if err != nil && models.CodeOf(err) != models.NotFound { // what another erasure left is erased all the same
		return err
	}
	if err := h.accounts.resign(c); err != nil {
		return err
	}
	if err := h.eraseBooks(ctx, id); err != nil {
		return err
	}
	if err := h.store.Users().Delete(ctx, id); err != nil && models.CodeOf(err) != models.NotFound {
		return err
	}
	// Nobody is signed in to the account from here on. What follows removes what came in meanwhile, and what says
	// nothing to anybody any more. Nobody can ask again either: so one that fails keeps none of the others.
	err = errors.Join(h.eraseBooks(ctx, id), h.store.Shelves().DeleteAll(ctx, id), endAccess(ctx, h.store, id, ""))
	if err != nil {
		return err
	}
	h.cookies.Clear(c)
	c.Status(http.StatusNoContent)
	return nil
}

// eraseBooks removes an owner's books, and each one's cover once its row is gone. Where covers cannot be removed, it
// ends with their batch: nothing but the row has told whose they were, so the sweep has to find them.
func (h *account) eraseBooks(ctx context.Context, owner models.ID) error {
	for {
		gone, err := h.store.Books().DeleteOwned(ctx, owner, eraseBatch)
		if err != nil {
			return err
		}
		for _, book := range gone {
			err = errors.Join(err, h.books.covers.Remove(ctx, book.Cover))
		}
		if err != nil || len(gone) < eraseBatch {
			return err
		}
	}
}
