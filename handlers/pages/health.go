package pages

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/sync/errgroup"

	"bookplate/covers"
	"bookplate/handlers/web"
	"bookplate/middleware"
	"bookplate/models"
)

// readyBudget is how long the stores have to answer; orchestrators give a probe a few seconds.
const readyBudget = 2 * time.Second

// Health serves the health checks.
type Health struct {
	Store   models.Store
	Covers  *covers.Covers
	Log     *slog.Logger
	Version string

	notReady atomic.Bool // what the last probe was told
}

// Live reports that the process answers. It does not ask the stores.
func (h *Health) Live(c *gin.Context) error {
	web.Respond(c, http.StatusOK, "alive", gin.H{"version": h.Version})
	return nil
}

// Ready reports whether the server can serve requests. It asks every store. While an old database is prepared beside the
// requests, it also reports how far that is.
func (h *Health) Ready(c *gin.Context) error {
	middleware.Probe(c)
	ctx, cancel := context.WithTimeout(c.Request.Context(), readyBudget)
	defer cancel()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return h.Store.Ping(ctx) })
	group.Go(func() error { return h.Covers.Ping(ctx) })
	err := group.Wait()
	if c.Request.Context().Err() == nil {
		h.logChange(err)
	}
	if err != nil {
		return err
	}
	state := gin.H{"version": h.Version, "database": h.Store.Name()}
	if documents := h.Store.Preparing(); documents > 0 {
		state["prepared"] = documents
	}
	web.Respond(c, http.StatusOK, "ready", state)
	return nil
}

// logChange logs that the server is not ready, or is ready again, unless the last probe was told the same.
func (h *Health) logChange(err error) {
	switch notReady := err != nil; {
	case h.notReady.Swap(notReady) == notReady:
	case notReady:
		h.Log.Warn("not ready", "error", err)
	default:
		h.Log.Info("ready again")
	}
}
