package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"bookplate/accounts"
	"bookplate/mail"
	"bookplate/models"
)

const (
	upkeepInterval   = time.Hour
	throttleInterval = time.Minute // so that what a spray leaves is gone soon after it has expired
	upkeepRetry      = 10 * time.Second
)

// keepUp does what no request waits for, until ctx ends: it makes ADMIN_EMAIL's account an administrator, once, and
// clears away now and every hour what is of no use any more, throttles every minute. Each chore runs by itself, so that
// one that fails neither keeps another from its turn nor has it done again too soon.
func keepUp(ctx context.Context, stores *stores, adminEmail string, log *slog.Logger) {
	var chores sync.WaitGroup
	start := func(name string, interval time.Duration, chore func() error) {
		chores.Go(func() { every(ctx, interval, log.With("chore", name), chore) })
	}
	granted := adminEmail == ""
	start("ADMIN_EMAIL", upkeepInterval, func() error { return grantAdmin(ctx, stores, adminEmail, &granted, log) })
	start("expired throttles", throttleInterval, func() error {
		_, err := stores.Throttles().DeleteExpired(ctx, now())
		return err
	})
	start("expired sessions and tokens", upkeepInterval, func() error {
		_, sessions := stores.Sessions().DeleteExpired(ctx, now())
		_, tokens := stores.OneTimeTokens().DeleteExpired(ctx, now())
		return errors.Join(sessions, tokens)
	})
	start("old mails", upkeepInterval, func() error {
		return mail.Sweep(stores.mailDir, now().Add(-models.PurposeActivation.TTL())) // when the links are dead
	})
	start("covers of no book", upkeepInterval, func() error { return sweepCovers(ctx, stores, log) })
	chores.Wait()
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
		operator := accounts.Operator{Store: store, From: models.FromAdminEmail, Now: now}
		if err := operator.SetRole(ctx, user, models.RoleAdmin); err != nil {
			return err
		}
		log.Info("ADMIN_EMAIL's account is an administrator now", "user", user.ID)
	}
	*granted = true
	return nil
}
