package mongo

import (
	"cmp"
	"context"
	"regexp"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bookplate/models"
)

// users stores the accounts.
type users struct {
	*Store
	coll *driver.Collection
}

// newUserDocument returns the document of a new account. Only an active account has keys.
func newUserDocument(u models.User) bson.D {
	var keys []bson.E
	if u.Active {
		keys = append(keys, bson.E{Key: emailKey, Value: models.EmailKey(u.Email)})
	}
	if u.Active && u.Username != "" {
		keys = append(keys, bson.E{Key: usernameKey, Value: models.UsernameKey(u.Username)})
	}
	return userDocument.of(u, keys...)
}

// activeFlag matches the values of the field "active" that are read as true.
var activeFlag = bson.M{"$nin": bson.A{false, 0}}

// Create stores a new account.
func (s users) Create(ctx context.Context, u models.User) error {
	return s.do(func() error {
		_, err := s.coll.InsertOne(ctx, newUserDocument(u))
		return err
	})
}

// Get returns an account.
func (s users) Get(ctx context.Context, id models.ID) (models.User, error) {
	return userDocument.one(s.Store, func() *driver.SingleResult { return s.coll.FindOne(ctx, bson.M{"_id": objectID(id)}) })
}

// Of returns the accounts with these ids.
func (s users) Of(ctx context.Context, ids []models.ID) ([]models.User, error) {
	return userDocument.all(ctx, s.Store, func() (*driver.Cursor, error) {
		return s.coll.Find(ctx, bson.M{"_id": bson.M{"$in": objectIDs(ids)}})
	})
}

// GetByEmail returns the active account with that address. The tutorial may have stored several such accounts. Then
// GetByEmail returns the earliest, as the tutorial does, because only that account has the key.
func (s users) GetByEmail(ctx context.Context, email string) (models.User, error) {
	return userDocument.one(s.Store, func() *driver.SingleResult { return s.coll.FindOne(ctx, bson.M{emailKey: models.EmailKey(email)}) })
}

// GetByUsername returns the active account with that username.
func (s users) GetByUsername(ctx context.Context, username string) (models.User, error) {
	return userDocument.one(s.Store, func() *driver.SingleResult {
		return s.coll.FindOne(ctx, bson.M{usernameKey: models.UsernameKey(username)})
	})
}

// Update changes an account and returns the changed account.
func (s users) Update(ctx context.Context, id models.ID, up models.UserUpdate) (models.User, error) {
	user, err := s.updateMatching(ctx, id, up)
	if models.CodeOf(err) != models.NotFound {
		return user, err
	}
	found, getErr := s.Get(ctx, id)
	if getErr != nil {
		return models.User{}, getErr
	}
	return models.User{}, cmp.Or(up.Match(found), err)
}

// updateMatching changes an account if the account meets the conditions of the update. Otherwise it returns NotFound.
func (s users) updateMatching(ctx context.Context, id models.ID, up models.UserUpdate) (models.User, error) {
	filter, change := bson.M{"_id": objectID(id)}, bson.M{"$set": userChange(up)}
	if up.ReplacedHash != nil {
		filter["password"] = *up.ReplacedHash
	}
	if up.Email != nil || up.Username != nil {
		filter["active"] = activeFlag
	}
	if own := up.OwnEmailKey(); own != "" {
		filter[emailKey] = own
	}
	if up.Active != nil && *up.Active {
		return s.enable(ctx, filter, up)
	}
	if up.Active != nil {
		change["$unset"] = bson.M{emailKey: "", usernameKey: ""}
	}
	return s.change(ctx, filter, change)
}

// userChange returns the fields that an update sets. If the address or the user name changes, it includes the new keys.
func userChange(up models.UserUpdate) bson.M {
	set := bson.M{}
	if !up.UpdatedAt.IsZero() {
		set["updated_at"] = up.UpdatedAt
	}
	for field, value := range up.Changes() {
		set[field] = value
	}
	if up.Email != nil {
		set[emailKey] = models.EmailKey(*up.Email)
	}
	if up.Username != nil {
		set[usernameKey] = models.UsernameKey(*up.Username)
	}
	return set
}

// change changes the account that matches filter, and returns the changed account.
func (s users) change(ctx context.Context, filter, change bson.M) (models.User, error) {
	after := options.FindOneAndUpdate().SetReturnDocument(options.After)
	user, err := userDocument.write(ctx, s.Store, s.coll, filter, func() *driver.SingleResult {
		return s.coll.FindOneAndUpdate(ctx, filter, change, after)
	})
	set, _ := change["$set"].(bson.M)
	return user, s.conflict(ctx, s.coll, filter["_id"], set, err)
}

// Delete deletes an account.
func (s users) Delete(ctx context.Context, id models.ID) error {
	filter := bson.M{"_id": objectID(id)}
	_, err := userDocument.write(ctx, s.Store, s.coll, filter, func() *driver.SingleResult {
		return s.coll.FindOneAndDelete(ctx, filter)
	})
	return err
}

// OtherAdmins counts the active administrators, except the account with this id.
func (s users) OtherAdmins(ctx context.Context, id models.ID) (n int64, err error) {
	err = s.do(func() error {
		n, err = s.coll.CountDocuments(ctx, bson.M{
			"_id": bson.M{"$ne": objectID(id)}, "role": models.RoleAdmin, "active": activeFlag,
		})
		return err
	})
	return n, err
}

// List returns a page of accounts, ordered by id.
func (s users) List(ctx context.Context, f models.UserFilter) ([]models.User, error) {
	filter := bson.M{"_id": ids("$gt", f.After)}
	if f.Text != "" {
		has := bson.M{"$regex": regexp.QuoteMeta(f.Text), "$options": "i"}
		filter["$or"] = bson.A{bson.M{"name": has}, bson.M{"username": has}, bson.M{"email": has}}
	}
	return userDocument.all(ctx, s.Store, func() (*driver.Cursor, error) {
		return s.coll.Find(ctx, filter, options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetLimit(int64(f.Limit)))
	})
}
