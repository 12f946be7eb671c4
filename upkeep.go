package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"bookplate/mail"
	"bookplate/models"
)

const (
	upkeepInterval   = time.Hour
	throttleInterval = time.Minute // so that what a spray leaves is gone soon after it has expired
	upkeepRetry      = 10 * time.Second
)

// keepUp does what no request waits for, until ctx ends: it makes ADMIN_EMAIL's account an administrator, once, and
// clears away now and every hour what is of no use any more, throttles every minute.
func keepUp(ctx context.Context, stores *stores, adminEmail string, log *slog.Logger) {
	var both sync.WaitGroup
	both.Go(func() {
		every(ctx, throttleInterval, log, func() error {
			_, err := stores.Throttles().DeleteExpired(ctx, now())
			return err
		})
	})
	granted := adminEmail == ""
	every(ctx, upkeepInterval, log, func() error {
		if err := grantAdmin(ctx, stores, adminEmail, &granted, log); err != nil {
			return err
		}
		return clearAway(ctx, stores, log)
	})
	both.Wait()
}

// every does something now and after every interval, or soon again where it failed, until ctx ends.
func every(ctx context.Context, interval time.Duration, log *slog.Logger, do func() error) {
	for {
		wait := interval
		if err := do(); err != nil && ctx.Err() == nil {
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

// clearAway removes expired sessions and one-time tokens, mails whose links are dead, and pictures that no book names.
func clearAway(ctx context.Context, stores *stores, log *slog.Logger) error {
	if _, err := stores.Sessions().DeleteExpired(ctx, now()); err != nil {
		return err
	}
	if _, err := stores.OneTimeTokens().DeleteExpired(ctx, now()); err != nil {
		return err
	}
	if err := mail.Sweep(stores.mailDir, now().Add(-models.PurposeActivation.Lives())); err != nil {
		return err
	}
	return sweepCovers(ctx, stores, log)
}

// grantAdmin makes the account an administrator unless that is done. It asks only at start: an account that appears
// later may be anybody's, since addresses are not verified. Nor does it trust one whose address waits to be.
func grantAdmin(ctx context.Context, store models.Store, email string, granted *bool, log *slog.Logger) error {
	if *granted {
		return nil
	}
	user, err := store.Users().GetByEmail(ctx, email)
	switch {
	case models.CodeOf(err) == models.NotFound:
		log.Warn("ADMIN_EMAIL has no account: sign up with it, then start the server again")
	case err != nil:
		return err
	case user.Role == models.RoleAdmin:
	case user.Pending:
		log.Warn("ADMIN_EMAIL's account is not activated, and may be anybody's: open the link in the mail, "+
			"or ask for another by POST /users/activate, then start the server again", "user", user.ID)
	default:
		if err := makeAdmin(ctx, store, user.ID); err != nil {
			return err
		}
		log.Info("ADMIN_EMAIL's account is an administrator now", "user", user.ID)
	}
	*granted = true
	return nil
}

// makeAdmin notes that an account becomes an administrator, and makes it one.
func makeAdmin(ctx context.Context, store models.Store, id models.ID) error {
	up := models.UserUpdate{Role: new(models.RoleAdmin), UpdatedAt: now()}
	err := store.Audit().Append(ctx, models.AuditEntry{
		ID: models.NewID(now()), Action: models.ActionChangeUser, TargetID: id, Detail: up.Describe(),
		At: now(), IP: models.FromAdminEmail,
	})
	if err != nil {
		return err
	}
	_, err = store.Users().Update(ctx, id, up)
	return err
}
