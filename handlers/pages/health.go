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
	"bookplate/library/copies"
	"bookplate/middleware"
	"bookplate/models"
)

// readyBudget is how long Ready waits for the stores to answer. Orchestrators wait only a few seconds for a probe.
const readyBudget = 2 * time.Second

// Health serves the health checks.
type Health struct {
	Store   models.Store
	Covers  *covers.Covers
	Log     *slog.Logger
	Version string
	Backups *copies.Schedule // nil if no backups are made

	notReady atomic.Bool // whether the last probe found the server not ready
}

// Live reports that the process is alive. It does not check the stores.
func (h *Health) Live(c *gin.Context) error {
	web.Respond(c, http.StatusOK, "alive", gin.H{"version": h.Version})
	return nil
}

// Ready reports whether the server can serve requests. It checks every store. If the database is still preparing old
// data, Ready also reports how many documents are prepared. If backups are made, it reports the time of the last good one.
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
	if h.Backups != nil {
		state["backup"] = web.Timestamp(h.Backups.Last())
	}
	web.Respond(c, http.StatusOK, "ready", state)
	return nil
}

// logChange logs when the server stops being ready, and when it is ready again. It logs nothing while the state is the
// same as at the last probe.
func (h *Health) logChange(err error) {
	switch notReady := err != nil; {
	case h.notReady.Swap(notReady) == notReady:
	case notReady:
		h.Log.Warn("not ready", "error", err)
	default:
		h.Log.Info("ready again")
	}
}
