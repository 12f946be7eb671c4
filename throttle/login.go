package throttle

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"bookplate/models"
)

// consecutive limits consecutive failed log-ins to one account from all networks. NIST SP 800-63B-4, section 3.2.2,
// allows 100, and then requires the password to be disabled. But that would let anybody lock out an owner, so this
// limit uses the delay that the standard suggests for earlier failures: 30 seconds, growing to an hour.
var consecutive = Backoff{Free: 100, First: 30 * time.Second, Most: time.Hour, Memory: time.Hour}

// Login slows down password guessing without locking out the owner of an account. It counts failures
//
//   - per account and network, against guessing one password; failures in other networks do not count;
//   - per network, against trying one password on many accounts;
//   - per account, against guessing from many networks. After 100 failures in a row, all unknown networks together get
//     one attempt per delay.
//
// The last two limits do not apply in a network where the account has a session. So an attacker who fails on purpose
// cannot keep the owner out of such a network, and only delays the owner in other networks.
//
// The counts, called tallies, are in the database, so that copies of the server share them. A successful log-in without
// earlier failures reads the tallies once and writes nothing. Each process handles attempts at one account one after
// another, so that concurrent attempts cannot exceed a limit. Several processes may exceed a limit together, and then
// later attempts have to wait for longer.
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

// bound is one of the limits that apply to an attempt, with the key of its tally.
type bound struct {
	rule        rule
	key         string
	always      bool // applies in known networks too
	consecutive bool // a success resets it
}

// Attempt is a log-in attempt that was admitted. The caller must call End when the attempt is over.
type Attempt struct {
	End func()

	login   *Login
	bounds  []bound
	tallies []models.Tally // one for each bound, as it was before the attempt
}

// Begin admits a log-in attempt from an IP address, for the account with this user name or e-mail address. userID is
// empty if there is no such account. Begin returns TooManyRequests if a limit is reached. If it has to wait for other
// attempts at the account, it checks the limits before and after the wait, so that an attempt that will be rejected
// does not wait.
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

// accountKey returns the key under which the failures of an account are counted. It has the account's id, because one
// account may log in with several names. If there is no account, it has the name that was sent. The first character
// differs, so that a name that looks like an id does not get that account's key.
func accountKey(name string, userID models.ID) string {
	if userID == "" {
		return "?" + models.EmailKey(name)
	}
	return "=" + string(userID)
}

// consecutiveKey returns the parts of the key under which an account's consecutive failures are counted.
func consecutiveKey(account string) []string { return []string{"login to", account} }

// check returns TooManyRequests if a limit of the attempt is reached.
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
		if !b.always { // also queried for accounts that do not exist, so that both cost the same
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

// setBack corrects tallies whose time is in the future because the clock was set back. It stores them with the current
// time. Otherwise each later attempt would take the time of the tally as its own present, and the wait would never end.
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

// Failed counts the attempt as a failure, even if the client has disconnected. It changes the tallies concurrently, so
// that a store can write them in one transaction.
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

// Succeeded resets the account's count of consecutive failures, if there were any.
func (a *Attempt) Succeeded(ctx context.Context) error {
	var all errgroup.Group
	for i, b := range a.bounds {
		if b.consecutive && a.tallies[i] != (models.Tally{}) {
			all.Go(func() error { return a.login.Tallies.Change(ctx, b.key, reset) })
		}
	}
	return all.Wait()
}

// Forgive resets the count of consecutive failures of an account, because its owner has opened a link in a mail.
func (l *Login) Forgive(ctx context.Context, userID models.ID) error {
	return l.Forget(ctx, consecutiveKey(accountKey("", userID))...)
}
