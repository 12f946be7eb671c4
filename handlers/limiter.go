package handlers

import (
	"context"
	"time"

	"github.com/gin-gonic/gin"

	"bookplate/middleware"
	"bookplate/models"
)

// limiter counts what is limited, for all copies of the server, unless the setting THROTTLE turns it off.
type limiter struct {
	on      bool
	tallies models.Throttles
	now     func() time.Time
}

func newLimiter(s Services) limiter { return limiter{s.Config.Throttle, s.Store.Throttles(), s.Now} }

// admit counts one more of what the parts of a key name together, or returns TooManyRequests where there is no room
// for it.
func (l limiter) admit(ctx context.Context, limit models.Limit, key ...string) error {
	if !l.on {
		return nil
	}
	now, wait := l.now(), time.Duration(0)
	err := l.tallies.Change(ctx, middleware.TallyKey(key...), func(t models.Tally) models.Tally {
		if wait = limit.Wait(t, now); wait > 0 {
			return t
		}
		return limit.Add(t, now)
	})
	if err == nil && wait > 0 {
		err = middleware.TooMany("too many requests of this kind; try again later", wait)
	}
	return err
}

// admitNetwork counts one more of what a network does without being signed in.
func (l limiter) admitNetwork(c *gin.Context, limit models.Limit, what string) error {
	return l.admit(c.Request.Context(), limit, what, middleware.Network(c.ClientIP()))
}

// forget takes back all that was counted under a key.
func (l limiter) forget(ctx context.Context, key ...string) error {
	if !l.on {
		return nil
	}
	return l.tallies.Change(ctx, middleware.TallyKey(key...), forgotten)
}

// forgotten is a tally that is taken back.
func forgotten(models.Tally) models.Tally { return models.Tally{} }
