package pages

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

// Health serves the health checks.
type Health struct {
	Store   models.Store
	Covers  *covers.Covers
	Version string
}

// Live reports that the process answers. It does not ask the stores.
func (h *Health) Live(c *gin.Context) error {
	web.Respond(c, http.StatusOK, "alive", gin.H{"version": h.Version})
	return nil
}

// Ready reports whether the server can serve requests. It asks every store.
func (h *Health) Ready(c *gin.Context) error {
	ctx, cancel := context.WithTimeout(c.Request.Context(), readyBudget)
	defer cancel()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return h.Store.Ping(ctx) })
	group.Go(func() error { return h.Covers.Ping(ctx) })
	if err := group.Wait(); err != nil {
		return err
	}
	web.Respond(c, http.StatusOK, "ready", gin.H{"version": h.Version, "database": h.Store.Name()})
	return nil
}
