package jobs

import (
	"context"

	"bookplate/accounts"
	"bookplate/models"
)

// showSetUpLink logs a link for creating the first administrator if the library has no account. It checks only once: it
// then sets shown, and later calls do nothing. The link is needed because the first person to sign up may be anybody
// and does not become an administrator.
func (j Jobs) showSetUpLink(ctx context.Context, shown *bool) error {
	if *shown {
		return nil
	}
	link, err := accounts.Operator{Store: j.Store, Letters: j.Letters, Now: j.Now}.SetUpLink(ctx)
	if err != nil {
		return err
	}
	if link != "" {
		j.Log.Info("the library has no account: open this link to create its administrator", "link", link,
			"works for", models.PurposeSetUp.TTL())
	}
	*shown = true
	return nil
}
