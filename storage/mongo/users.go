package mongo

import (
	"cmp"
	"context"
	"maps"
	"regexp"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bookplate/models"
)

// users keeps the accounts.
type users struct {
	*Store
	coll *driver.Collection
}

// userDoc is an account as it is stored. The tutorial's own documents have the first five fields and no others.
type userDoc struct {
	ID          objectID `bson:"_id"`
	Name        text     `bson:"name"`
	Email       text     `bson:"email"`
	Password    text     `bson:"password"`
	Active      *flag    `bson:"active"` // an account without it is active
	Username    text     `bson:"username,omitempty"`
	EmailKey    text     `bson:"email_key,omitempty"`
	UsernameKey text     `bson:"username_key,omitempty"`
	Role        text     `bson:"role"`
	CreatedAt   moment   `bson:"created_at,omitempty"`
	UpdatedAt   moment   `bson:"updated_at,omitempty"`
}

func newUserDoc(u models.User) userDoc {
	doc := userDoc{
		ID: objectID(u.ID), Name: text(u.Name), Email: text(u.Email), Password: text(u.PasswordHash),
		Active: (*flag)(&u.Active), Username: text(u.Username), Role: text(u.Role),
		CreatedAt: moment{u.CreatedAt}, UpdatedAt: moment{u.UpdatedAt},
	}
	if u.Active {
		doc.EmailKey, doc.UsernameKey = text(models.EmailKey(u.Email)), text(models.UsernameKey(u.Username))
	}
	return doc
}

func (d userDoc) user() models.User {
	return models.User{
		ID: models.ID(d.ID), Name: string(d.Name), Email: string(d.Email), Username: string(d.Username),
		PasswordHash: string(d.Password), Active: d.Active == nil || bool(*d.Active), Role: cmp.Or(models.Role(d.Role), models.RoleUser),
		CreatedAt: d.CreatedAt.Time, UpdatedAt: d.UpdatedAt.Time,
	}
}

// Create stores a new account.
func (s users) Create(ctx context.Context, u models.User) error {
	return s.do(func() error {
		_, err := s.coll.InsertOne(ctx, newUserDoc(u))
		return err
	})
}

// Get returns an account.
func (s users) Get(ctx context.Context, id models.ID) (models.User, error) {
	return s.read(func() *driver.SingleResult { return s.coll.FindOne(ctx, bson.M{"_id": objectID(id)}) })
}

// GetByEmail returns the active account with that address. Of several that the tutorial made it is the earliest: that
// one has the key, and the tutorial finds it first as well.
func (s users) GetByEmail(ctx context.Context, email string) (models.User, error) {
	return s.read(func() *driver.SingleResult { return s.coll.FindOne(ctx, bson.M{emailKey: models.EmailKey(email)}) })
}

// GetByUsername returns the active account with that user name.
func (s users) GetByUsername(ctx context.Context, username string) (models.User, error) {
	return s.read(func() *driver.SingleResult {
		return s.coll.FindOne(ctx, bson.M{usernameKey: models.UsernameKey(username)})
	})
}

// Update changes an account.
func (s users) Update(ctx context.Context, id models.ID, up models.UserUpdate) (models.User, error) {
	set := bson.M{}
	if !up.UpdatedAt.IsZero() {
		set["updated_at"] = moment{up.UpdatedAt}
	}
	setIf(set, "name", up.Name)
	setIf(set, "password", up.PasswordHash)
	setIf(set, "active", up.Active)
	setIf(set, "role", up.Role)
	change := bson.M{"$set": set}
	switch {
	case up.Active == nil:
	case *up.Active:
		keys, err := s.enable(ctx, id)
		if err != nil {
			return models.User{}, err
		}
		maps.Copy(set, keys)
	default:
		change["$unset"] = bson.M{emailKey: "", usernameKey: ""}
	}
	after := options.FindOneAndUpdate().SetReturnDocument(options.After)
	return s.read(func() *driver.SingleResult {
		return s.coll.FindOneAndUpdate(ctx, bson.M{"_id": objectID(id)}, change, after)
	})
}

// enable ends the sessions of an account that is about to be enabled, and returns the keys that it takes again. The
// sessions come first: should the update fail, the account is still disabled, and nobody can have signed in to it.
func (s users) enable(ctx context.Context, id models.ID) (keys bson.M, err error) {
	user, err := s.Get(ctx, id) // no race: neither address nor user name ever change
	if err != nil {
		return nil, err
	}
	if !user.Active {
		if err := s.Sessions().DeleteAll(ctx, id, ""); err != nil {
			return nil, err
		}
	}
	keys = bson.M{emailKey: models.EmailKey(user.Email)}
	if user.Username != "" {
		keys[usernameKey] = models.UsernameKey(user.Username)
	}
	return keys, nil
}

// List returns a page of accounts, in the order of their ids.
func (s users) List(ctx context.Context, f models.UserFilter) (page []models.User, err error) {
	filter := bson.M{"_id": ids("$gt", f.After)}
	if f.Text != "" {
		has := bson.M{"$regex": regexp.QuoteMeta(f.Text), "$options": "i"}
		filter["$or"] = bson.A{bson.M{"name": has}, bson.M{"username": has}, bson.M{"email": has}}
	}
	err = s.do(func() error {
		cursor, err := s.coll.Find(ctx, filter,
			options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetLimit(int64(f.Limit)))
		if err != nil {
			return err
		}
		page, err = readAll(ctx, cursor, userDoc.user)
		return err
	})
	return page, err
}

// read makes a call that answers with one account.
func (s users) read(call func() *driver.SingleResult) (models.User, error) {
	var doc userDoc
	if err := s.do(func() error { return call().Decode(&doc) }); err != nil {
		return models.User{}, err
	}
	return doc.user(), nil
}
