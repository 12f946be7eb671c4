package main

import (
	"context"
	"log/slog"
	"time"

	"bookplate/models"
)

const (
	upkeepInterval = time.Hour
	upkeepRetry    = 10 * time.Second
)

// keepUp does what no request waits for, until ctx ends: it makes ADMIN_EMAIL's account an administrator, once, and
// removes expired sessions, one-time tokens and throttles now and every hour.
func keepUp(ctx context.Context, store models.Store, adminEmail string, log *slog.Logger) {
	granted := adminEmail == ""
	for {
		err := grantAdmin(ctx, store.Users(), adminEmail, &granted, log)
		if err == nil {
			err = removeExpired(ctx, store)
		}
		wait := upkeepInterval
		if err != nil && ctx.Err() == nil {
			log.Warn("upkeep failed and is tried again", "in", upkeepRetry, "error", err)
			wait = upkeepRetry
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

func removeExpired(ctx context.Context, store models.Store) error {
	if _, err := store.Sessions().DeleteExpired(ctx, now()); err != nil {
		return err
	}
	if _, err := store.OneTimeTokens().DeleteExpired(ctx, now()); err != nil {
		return err
	}
	_, err := store.Throttles().DeleteExpired(ctx, now())
	return err
}

// grantAdmin makes the account an administrator unless that is done. It asks only at start: an account that appears
// later may be anybody's, since addresses are not verified.
func grantAdmin(ctx context.Context, users models.Users, email string, granted *bool, log *slog.Logger) error {
	if *granted {
		return nil
	}
	user, err := users.GetByEmail(ctx, email)
	switch {
	case models.CodeOf(err) == models.NotFound:
		log.Warn("ADMIN_EMAIL has no account: sign up with it, then start the server again")
	case err != nil:
		return err
	case user.Role != models.RoleAdmin:
		up := models.UserUpdate{Role: new(models.RoleAdmin), UpdatedAt: now()}
		if _, err := users.Update(ctx, user.ID, up); err != nil {
			return err
		}
		log.Info("ADMIN_EMAIL's account is an administrator now", "user", user.ID)
	}
	*granted = true
	return nil
}
