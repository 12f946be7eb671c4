package mongo

import (
	"cmp"
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"golang.org/x/sync/errgroup"

	"bookplate/models"
)

// sessions stores the sessions.
type sessions struct {
	*Store
	coll  *driver.Collection
	users users
}

// Create stores a new session.
func (s sessions) Create(ctx context.Context, session models.Session) error {
	return s.do(func() error {
		_, err := s.coll.InsertOne(ctx, sessionDocument.of(session))
		return err
	})
}

// Authenticate reads the session and the user by one command if the server can join collections, and otherwise by two.
func (s sessions) Authenticate(ctx context.Context, id, userID models.ID) (models.Session, models.User, error) {
	if s.joins.Load() {
		return s.joined(ctx, id, userID)
	}
	return s.both(ctx, id, userID)
}

// joined reads the user's document with the session in an array.
func (s sessions) joined(ctx context.Context, id, userID models.ID) (session models.Session, user models.User, err error) {
	err = s.do(func() error {
		ofUser, ofSession, err := join(ctx, s.users.coll, objectID(userID), s.coll.Name(), s.filter(id, userID))
		if err != nil {
			return err
		}
		if user, err = userDocument.read(ofUser); err != nil {
			return err
		}
		session, err = sessionDocument.read(ofSession)
		return err
	})
	if err != nil {
		return models.Session{}, models.User{}, err
	}
	return session, user, nil
}

// both reads the session and the user concurrently. If one of the two calls fails, the other is not cancelled, because the
// driver closes the connection of a cancelled call.
func (s sessions) both(ctx context.Context, id, userID models.ID) (session models.Session, user models.User, err error) {
	var both errgroup.Group
	both.Go(func() (err error) {
		session, err = sessionDocument.one(s.Store, func() *driver.SingleResult { return s.coll.FindOne(ctx, s.filter(id, userID)) })
		return err
	})
	both.Go(func() (err error) {
		user, err = s.users.Get(ctx, userID)
		return err
	})
	if err := both.Wait(); err != nil {
		return models.Session{}, models.User{}, err
	}
	return session, user, nil
}

// filter finds a session, which must belong to the user.
func (sessions) filter(id, userID models.ID) bson.D {
	return bson.D{{Key: "_id", Value: objectID(id)}, {Key: "user_id", Value: userID}}
}

// Rotate replaces a session's refresh hash if it still equals from (compare-and-swap), and returns the changed session.
// If the session has another hash, Rotate returns the session unchanged.
func (s sessions) Rotate(ctx context.Context, id models.ID, from, next string, at time.Time) (models.Session, error) {
	change := bson.M{"$set": bson.M{
		"refresh_hash": next, "previous_hash": from, "rotated_at": at, "last_used_at": at,
	}}
	filter := bson.M{"_id": objectID(id), "refresh_hash": from}
	after := options.FindOneAndUpdate().SetReturnDocument(options.After)
	session, err := sessionDocument.write(ctx, s.Store, s.coll, filter, func() *driver.SingleResult {
		return s.coll.FindOneAndUpdate(ctx, filter, change, after)
	})
	if models.CodeOf(err) == models.NotFound { // no session, or one with another hash
		return sessionDocument.one(s.Store, func() *driver.SingleResult { return s.coll.FindOne(ctx, bson.M{"_id": objectID(id)}) })
	}
	return session, err
}

// Touch records when a session was last used.
func (s sessions) Touch(ctx context.Context, id models.ID, at time.Time) error {
	filter := bson.M{"_id": objectID(id)}
	return s.writeOne(ctx, s.coll, filter, func() error {
		return s.do(func() error {
			res, err := s.coll.UpdateOne(ctx, filter, bson.M{"$set": bson.M{"last_used_at": at}})
			if err == nil && res.MatchedCount == 0 {
				return driver.ErrNoDocuments
			}
			return err
		})
	})
}

// List returns a page of a user's sessions.
func (s sessions) List(ctx context.Context, f models.SessionFilter) ([]models.Session, error) {
	filter := bson.M{"_id": ids("$lt", f.After), "user_id": f.UserID, "expires_at": bson.M{"$gt": f.At}}
	return sessionDocument.all(ctx, s.Store, func() (*driver.Cursor, error) {
		return s.coll.Find(ctx, filter, options.Find().SetSort(bson.D{{Key: "_id", Value: -1}}).SetLimit(int64(f.Limit)))
	})
}

// KnownIn reports whether a user has an unexpired session from that network.
func (s sessions) KnownIn(ctx context.Context, userID models.ID, network string, at time.Time) (bool, error) {
	_, err := sessionDocument.one(s.Store, func() *driver.SingleResult {
		return s.coll.FindOne(ctx, bson.M{"user_id": userID, "network": network, "expires_at": bson.M{"$gt": at}})
	})
	if models.CodeOf(err) == models.NotFound {
		return false, nil
	}
	return err == nil, err
}

// Delete deletes a session, which must belong to the user.
func (s sessions) Delete(ctx context.Context, id, userID models.ID) error {
	filter := bson.M{"_id": objectID(id), "user_id": userID}
	return s.writeOne(ctx, s.coll, filter, func() error {
		return s.do(func() error {
			res, err := s.coll.DeleteOne(ctx, filter)
			if err == nil && res.DeletedCount == 0 {
				return driver.ErrNoDocuments
			}
			return err
		})
	})
}

// DeleteAll deletes the sessions of a user, except one. It repeats the deletion until no such session is left.
func (s sessions) DeleteAll(ctx context.Context, userID, except models.ID) error {
	filter := bson.M{"user_id": userID}
	if except != "" {
		filter["_id"] = bson.M{"$ne": objectID(except)}
	}
	err := s.writeOne(ctx, s.coll, filter, func() error {
		return s.do(func() error {
			_, err := s.coll.DeleteMany(ctx, filter)
			return cmp.Or(err, driver.ErrNoDocuments)
		})
	})
	if models.CodeOf(err) == models.NotFound {
		return nil
	}
	return err
}

// DeleteExpired deletes the sessions that expired before now.
func (s sessions) DeleteExpired(ctx context.Context, now time.Time) (int64, error) {
	return s.deleteMany(ctx, s.coll, bson.M{"expires_at": bson.M{"$lt": now}})
}
