package throttle

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"bookplate/models"
)

// consecutive limits consecutive failed log-ins to one account from all networks. NIST SP 800-63B-4, section 3.2.2,
// allows 100. It then requires the password to be disabled, which would let anybody lock out an owner. Here the delay
// that the standard suggests for earlier failures is used instead: 30 seconds, growing to an hour.
var consecutive = Backoff{Free: 100, First: 30 * time.Second, Most: time.Hour, Memory: time.Hour}

// Login slows down password guessing without locking out the owner of an account. It counts failures
//
//   - per account and network, against guessing one password; failures in other networks do not count;
//   - per network, against trying one password on many accounts;
//   - per account, against guessing from many networks. After 100 failures in a row, all unknown networks together get
//     one attempt per delay.
//
// The last two do not apply in a network where the account has a session. So deliberate failures cannot keep owners out
// there, and only delay them elsewhere.
//
// The database holds the tallies, so copies of the server share them. A successful log-in without earlier failures reads
// them once and writes nothing. Attempts at one account run one at a time in each process, so they cannot pass a limit
// together. Attempts that pass a limit on several copies at once make later ones wait.
type Login struct {
	Limiter
	Sessions models.Sessions
	Account  Limit // for one account from one network
	Network  Limit // for all accounts from one network

	locks keyedLock
}

// rule is a Limit or a Backoff.
type rule interface {
	Wait(t models.Tally, now time.Time) time.Duration
	Add(t models.Tally, now time.Time) models.Tally
}

// bound is one of the limits of an attempt.
type bound struct {
	rule        rule
	key         string
	always      bool // applies in known networks too
	consecutive bool // a success resets it
}

// Attempt is a log-in that was admitted. The caller calls End when it is over.
type Attempt struct {
	End func()

	login   *Login
	bounds  []bound
	tallies []models.Tally // of the bounds, before the attempt
}

// Begin admits a log-in from an address with a name; userID is empty if no account has that name. It returns
// TooManyRequests if a limit is reached. The limits are checked before and after waiting for other attempts at the
// account, so an attempt that would be rejected does not wait.
func (l *Login) Begin(ctx context.Context, ip, name string, userID models.ID) (*Attempt, error) {
	if l.Off {
		return &Attempt{login: l, End: func() {}}, nil
	}
	network, account := Network(ip), accountKey(name, userID)
	key := tallyKey(consecutiveKey(account)...)
	a := &Attempt{login: l, bounds: []bound{
		{rule: l.Account, key: tallyKey("login", account, network), always: true},
		{rule: l.Network, key: tallyKey("login from", network)},
		{rule: consecutive, key: key, consecutive: true},
	}}
	check := func() error { return a.check(ctx, network, userID) }
	var err error
	if a.End, err = l.locks.lock(ctx, key, check); err != nil {
		return nil, err
	}
	if err := check(); err != nil {
		a.End()
		return nil, err
	}
	return a, nil
}

// accountKey returns what an account is counted under: its id, because an account has several names. The first letter
// separates ids from names that look like one.
func accountKey(name string, userID models.ID) string {
	if userID == "" {
		return "?" + models.EmailKey(name)
	}
	return "=" + string(userID)
}

// consecutiveKey returns the parts of the key of an account's consecutive failures.
func consecutiveKey(account string) []string { return []string{"login to", account} }

// check returns TooManyRequests if a limit is reached.
func (a *Attempt) check(ctx context.Context, network string, userID models.ID) (err error) {
	keys := make([]string, len(a.bounds))
	for i, b := range a.bounds {
		keys[i] = b.key
	}
	if a.tallies, err = a.login.Tallies.Get(ctx, keys...); err != nil {
		return err
	}
	if err := a.setBack(ctx); err != nil {
		return err
	}
	for i, b := range a.bounds {
		wait := b.rule.Wait(a.tallies[i], a.login.Now())
		if wait <= 0 {
			continue
		}
		known := false
		if !b.always { // also queried for an account that does not exist, with an empty id: both cost the same
			known, err = a.login.Sessions.KnownIn(ctx, userID, network, a.login.Now())
		}
		if err != nil {
			return err
		}
		if !known {
			return TooMany("too many failed attempts; try again later", wait)
		}
	}
	return nil
}

// setBack stores tallies from the future as of now. Otherwise each attempt would find them as of its own time, and the
// wait would never end.
func (a *Attempt) setBack(ctx context.Context) error {
	now := a.login.Now()
	for i, b := range a.bounds {
		if !a.tallies[i].At.After(now) {
			continue
		}
		a.tallies[i] = a.tallies[i].Current(now)
		err := a.login.Tallies.Change(ctx, b.key, func(t models.Tally) models.Tally { return t.Current(now) })
		if err != nil {
			return err
		}
	}
	return nil
}

// Failed counts the attempt as failed, even if the client has disconnected. The tallies are changed concurrently, so a
// store can put them into one transaction.
func (a *Attempt) Failed(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	var all errgroup.Group
	for _, b := range a.bounds {
		all.Go(func() error {
			return a.login.Tallies.Change(ctx, b.key, func(t models.Tally) models.Tally {
				return b.rule.Add(t, a.login.Now())
			})
		})
	}
	return all.Wait()
}

// Succeeded resets the consecutive failures, if there were any.
func (a *Attempt) Succeeded(ctx context.Context) error {
	var all errgroup.Group
	for i, b := range a.bounds {
		if b.consecutive && a.tallies[i] != (models.Tally{}) {
			all.Go(func() error { return a.login.Tallies.Change(ctx, b.key, reset) })
		}
	}
	return all.Wait()
}

// Forgive resets the consecutive failures of an account whose owner has opened a link in a mail.
func (l *Login) Forgive(ctx context.Context, userID models.ID) error {
	return l.Forget(ctx, consecutiveKey(accountKey("", userID))...)
}
