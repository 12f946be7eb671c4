package transfer

import (
	"context"
	"slices"
	"strings"

	"bookplate/models"
)

// Reasons for leaving the profile as it is.
const (
	profileSame = "nothing is to change"
	profileKept = "the profile stays as it is, because the account has books or shelves"
)

// archivedProfile is the type for decoding the fields of a profileRecord that an import may take over. The address, the
// role and the password of the account are never among them.
type archivedProfile struct {
	Name      string `json:"name"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Username  string `json:"username"`
}

func (a *archiveImport) putProfile(ctx context.Context, record archivedProfile) (outcome, error) {
	o, up, err := a.planProfile(ctx, record)
	if err != nil || o.result != models.RowUpdated {
		return o, err
	}
	up.UpdatedAt = a.Now()
	// If another account takes the user name meanwhile, the error is Conflict. Then the line is imported again, and the user
	// name is left out.
	_, err = a.Store.Users().Update(ctx, a.user.ID, up)
	if models.CodeOf(err) == models.NotFound {
		err = models.ErrNoAccount
	}
	return o, err
}

// planProfile decides what to do with the profile. If it changes the account, it also returns the update. The profile is
// taken over only into an empty account, because the names of an account that is in use are right.
//
// An interrupted import may have stored books of the archive, but only after the profile. So planProfile compares first.
func (a *archiveImport) planProfile(ctx context.Context, record archivedProfile) (o outcome, up models.UserUpdate, err error) {
	up, left, err := a.profileChanges(ctx, record)
	if err != nil {
		return o, up, err
	}
	var names []string
	for name := range up.Changes() {
		names = append(names, name)
	}
	if len(names) == 0 {
		return outcome{"", models.RowSkipped, strings.Join(append([]string{profileSame}, left...), "; ")}, up, nil
	}
	empty, err := a.accountIsEmpty(ctx)
	if !empty {
		return outcome{"", models.RowSkipped, profileKept}, up, err
	}
	slices.Sort(names)
	taken := "taken over: " + strings.Join(names, ", ")
	return outcome{"", models.RowUpdated, strings.Join(append([]string{taken}, left...), "; ")}, up, nil
}

// profileChanges returns the update of the account by a profile, and what it leaves out. A name that the archive lacks stays.
// So does a user name that the account has, because its owner logs in with it.
func (a *archiveImport) profileChanges(
	ctx context.Context, record archivedProfile,
) (up models.UserUpdate, left []string, err error) {
	field := func(name, value, before string, check func(string) error) *string {
		if value == "" || value == before {
			return nil
		}
		if err := check(value); err != nil {
			left = append(left, name+" is left out: it "+err.Error())
			return nil
		}
		return &value
	}
	up.Name = field("name", record.Name, a.user.Name, a.Names.Check)
	up.FirstName = field("first_name", record.FirstName, a.user.FirstName, models.CheckNamePart)
	up.LastName = field("last_name", record.LastName, a.user.LastName, models.CheckNamePart)
	if a.user.Username != "" {
		return up, left, nil
	}
	up.Username = field("username", record.Username, "", func(username string) error {
		return models.CheckUsername(username, a.user.Email)
	})
	if up.Username == nil {
		return up, left, nil
	}
	_, err = a.Store.Users().GetByUsername(ctx, *up.Username)
	switch {
	case err == nil:
		up.Username, left = nil, append(left, "username is left out: it belongs to another account")
	case models.CodeOf(err) == models.NotFound:
		err = nil
	}
	return up, left, err
}

// accountIsEmpty reports whether the account has no books, also in the trash, and no shelves.
func (a *archiveImport) accountIsEmpty(ctx context.Context) (bool, error) {
	books, err := a.Store.Books().List(ctx, models.BookFilter{UserID: a.user.ID, Sort: models.SortCreated, Limit: 1})
	if err != nil || len(books) > 0 {
		return false, err
	}
	trashed, err := a.Store.Trash().List(ctx, models.TrashFilter{UserID: a.user.ID, Limit: 1})
	if err != nil || len(trashed) > 0 {
		return false, err
	}
	shelves, err := a.Store.Shelves().List(ctx, a.user.ID)
	return err == nil && len(shelves) == 0, err
}
