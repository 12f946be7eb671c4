package handlers

import (
	"context"
	"time"

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

// admit counts one more of what the parts of a key name together, or returns TooManyRequests.
func (l limiter) admit(ctx context.Context, limit models.Limit, key ...string) error {
	if !l.on {
		return nil
	}
	return middleware.Admit(ctx, l.tallies, middleware.TallyKey(key...), limit, l.now())
}

// forget takes back all that was counted under a key.
func (l limiter) forget(ctx context.Context, key ...string) error {
	if !l.on {
		return nil
	}
	return l.tallies.Change(ctx, middleware.TallyKey(key...), func(models.Tally) models.Tally { return models.Tally{} })
}
