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
	FirstName   text     `bson:"first_name,omitempty"`
	LastName    text     `bson:"last_name,omitempty"`
	Pending     flag     `bson:"pending,omitempty"` // an account without it is not
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
		FirstName: text(u.FirstName), LastName: text(u.LastName), Username: text(u.Username),
		Active: (*flag)(&u.Active), Pending: flag(u.Pending), Role: text(u.Role),
		CreatedAt: moment{u.CreatedAt}, UpdatedAt: moment{u.UpdatedAt},
	}
	if u.Active {
		doc.EmailKey, doc.UsernameKey = text(models.EmailKey(u.Email)), text(models.UsernameKey(u.Username))
	}
	return doc
}

func (d userDoc) user() models.User {
	return models.User{
		ID: models.ID(d.ID), Name: string(d.Name), Email: string(d.Email), PasswordHash: string(d.Password),
		FirstName: string(d.FirstName), LastName: string(d.LastName), Username: string(d.Username),
		Active: d.Active == nil || bool(*d.Active), Pending: bool(d.Pending), Role: cmp.Or(models.Role(d.Role), models.RoleUser),
		CreatedAt: d.CreatedAt.Time, UpdatedAt: d.UpdatedAt.Time,
	}
}

// activeFlag finds what userDoc reads as active.
var activeFlag = bson.M{"$nin": bson.A{false, 0}}

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

// updateMatching changes an account if it is as the change expects it. NotFound otherwise.
func (s users) updateMatching(ctx context.Context, id models.ID, up models.UserUpdate) (models.User, error) {
	filter, change := bson.M{"_id": objectID(id)}, bson.M{"$set": userChange(up)}
	setIf(filter, "password", up.ReplacedHash)
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

// userChange are the fields that an update sets, the keys of new names among them.
func userChange(up models.UserUpdate) bson.M {
	set := bson.M{}
	if !up.UpdatedAt.IsZero() {
		set["updated_at"] = moment{up.UpdatedAt}
	}
	setIf(set, "name", up.Name)
	setIf(set, "first_name", up.FirstName)
	setIf(set, "last_name", up.LastName)
	setIf(set, "email", up.Email)
	setIf(set, "username", up.Username)
	setIf(set, "password", up.PasswordHash)
	setIf(set, "active", up.Active)
	setIf(set, "pending", up.Pending)
	setIf(set, "role", up.Role)
	if up.Email != nil {
		set[emailKey] = models.EmailKey(*up.Email)
	}
	if up.Username != nil {
		set[usernameKey] = models.UsernameKey(*up.Username)
	}
	return set
}

// change changes the account that filter finds, and returns it changed.
func (s users) change(ctx context.Context, filter, change bson.M) (models.User, error) {
	after := options.FindOneAndUpdate().SetReturnDocument(options.After)
	return s.read(func() *driver.SingleResult { return s.coll.FindOneAndUpdate(ctx, filter, change, after) })
}

// Delete erases an account.
func (s users) Delete(ctx context.Context, id models.ID) error {
	_, err := s.read(func() *driver.SingleResult { return s.coll.FindOneAndDelete(ctx, bson.M{"_id": objectID(id)}) })
	return err
}

// OtherAdmins counts the active administrators beside that account.
func (s users) OtherAdmins(ctx context.Context, id models.ID) (n int64, err error) {
	err = s.do(func() error {
		n, err = s.coll.CountDocuments(ctx, bson.M{
			"_id": bson.M{"$ne": objectID(id)}, "role": models.RoleAdmin, "active": activeFlag,
		})
		return err
	})
	return n, err
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
