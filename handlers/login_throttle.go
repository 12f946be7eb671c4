package handlers

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"bookplate/middleware"
	"bookplate/models"
)

// accountPatience is how long an account that fails again and again, from wherever, has to be left alone. NIST SP
// 800-63B-4, section 3.2.2, allows 100 failures in a row. Where it then wants the password disabled, which would let
// anybody lock its owner out, there is a delay here, as long as those that it names for before: 30 seconds to an hour.
// A failure is remembered for an hour, a hundred of them for four days.
var accountPatience = models.Backoff{Free: 100, First: 30 * time.Second, Most: time.Hour, Memory: time.Hour}

// loginThrottle slows down guessing, without locking out the one who knows the password. Failures count
//
//   - per network and account, against guessing one password: others' failures elsewhere do not count;
//   - per network, against trying one password on many accounts;
//   - per account, against guessing from many networks. After accountPatience's Free, all unknown networks together get
//     one attempt a delay.
//
// The last two do not hold where the account is known: in a network from which it has a session that stands. Whoever
// fails on purpose cannot keep its owner out there, and elsewhere delays him.
//
// The store has the tallies, so that copies of the server share them. A log-in that succeeds where nothing has failed
// reads them once and writes nothing. Attempts at one account take turns in this process, so that they cannot pass a limit
// together; what passes one of a network's, or on several copies at the same time, is waited for afterwards.
type loginThrottle struct {
	limiter
	sessions models.Sessions
	account  models.Limit // of an account from a network
	network  models.Limit
	turns    turns
}

func newLoginThrottle(s Services) *loginThrottle {
	return &loginThrottle{
		limiter: newLimiter(s), sessions: s.Store.Sessions(), account: s.Config.LoginLimit, network: s.Config.NetworkLimit,
	}
}

// rule is a models.Limit or a models.Backoff.
type rule interface {
	Wait(t models.Tally, now time.Time) time.Duration
	Add(t models.Tally, now time.Time) models.Tally
}

// bound is what holds for an attempt.
type bound struct {
	rule   rule
	key    string
	always bool // it holds where the account is known as well
	inARow bool // it counts failures in a row: a success ends them
}

// attempt is a log-in that was let through. Its end has to be told.
type attempt struct {
	throttle *loginThrottle
	bounds   []bound
	tallies  []models.Tally // of the bounds, as they were at the beginning
	end      func()
}

// begin lets a log-in through, or returns TooManyRequests. An attempt that has to wait for its turn is checked before,
// too, so that nobody waits behind those who are refused anyway.
func (t *loginThrottle) begin(ctx context.Context, ip, name string, userID models.ID) (*attempt, error) {
	if !t.on {
		return &attempt{end: func() {}}, nil
	}
	network, account := middleware.Network(ip), accountOf(name, userID)
	key := middleware.TallyKey(inARow(account)...)
	a := &attempt{throttle: t, bounds: []bound{
		{rule: t.account, key: middleware.TallyKey("login", account, network), always: true},
		{rule: t.network, key: middleware.TallyKey("login from", network)},
		{rule: accountPatience, key: key, inARow: true},
	}}
	check := func() error { return a.check(ctx, network, userID) }
	var err error
	if a.end, err = t.turns.take(ctx, key, check); err != nil {
		return nil, err
	}
	if err := check(); err != nil {
		a.end()
		return nil, err
	}
	return a, nil
}

// accountOf is what an account is counted under: one that is there has several names, but one id. The first letter keeps
// a name that looks like an id from being taken for one.
func accountOf(name string, userID models.ID) string {
	if userID == "" {
		return "?" + models.EmailKey(name)
	}
	return "=" + string(userID)
}

// inARow names what an account's failures in a row are counted under.
func inARow(account string) []string { return []string{"login to", account} }

// check says whether every bound has room for one more attempt.
func (a *attempt) check(ctx context.Context, network string, userID models.ID) (err error) {
	keys := make([]string, len(a.bounds))
	for i, b := range a.bounds {
		keys[i] = b.key
	}
	if a.tallies, err = a.throttle.tallies.Get(ctx, keys...); err != nil {
		return err
	}
	for i, b := range a.bounds {
		wait := b.rule.Wait(a.tallies[i], a.throttle.now())
		if wait <= 0 {
			continue
		}
		known := false
		if !b.always { // the id of an account that does not exist is empty, and asked for all the same
			known, err = a.throttle.sessions.KnownIn(ctx, userID, network, a.throttle.now())
		}
		if err != nil {
			return err
		}
		if !known {
			return middleware.TooMany("too many failed attempts; try again later", wait)
		}
	}
	return nil
}

// failed counts the attempt, also when its client has gone. The tallies are changed at the same time, so that they share
// a transaction where the store has some.
func (a *attempt) failed(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	var all errgroup.Group
	for _, b := range a.bounds {
		all.Go(func() error {
			return a.throttle.tallies.Change(ctx, b.key, func(t models.Tally) models.Tally {
				return b.rule.Add(t, a.throttle.now())
			})
		})
	}
	return all.Wait()
}

// succeeded forgets the failures in a row, if there were any.
func (a *attempt) succeeded(ctx context.Context) error {
	var all errgroup.Group
	for i, b := range a.bounds {
		if b.inARow && a.tallies[i] != (models.Tally{}) {
			all.Go(func() error { return a.throttle.tallies.Change(ctx, b.key, forgotten) })
		}
	}
	return all.Wait()
}

// forgive ends an account's failures in a row, for who has proven by mail to be its owner.
func (t *loginThrottle) forgive(ctx context.Context, userID models.ID) error {
	return t.forget(ctx, inARow(accountOf("", userID))...)
}
