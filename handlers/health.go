package handlers

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/sync/errgroup"

	"bookplate/covers"
	"bookplate/handlers/web"
	"bookplate/models"
)

// readyBudget is how long the stores have to answer; orchestrators give a probe a few seconds.
const readyBudget = 2 * time.Second

type health struct {
	store   models.Store
	covers  *covers.Covers
	version string
}

// live says that the process answers, whatever the state of the stores.
func (h *health) live(c *gin.Context) error {
	web.Respond(c, http.StatusOK, "alive", gin.H{"version": h.version})
	return nil
}

// ready says whether requests can be served: every store is asked.
func (h *health) ready(c *gin.Context) error {
	ctx, cancel := context.WithTimeout(c.Request.Context(), readyBudget)
	defer cancel()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return h.store.Ping(ctx) })
	group.Go(func() error { return h.covers.Ping(ctx) })
	if err := group.Wait(); err != nil {
		return err
	}
	web.Respond(c, http.StatusOK, "ready", gin.H{"version": h.version, "database": h.store.Name()})
	return nil
}
