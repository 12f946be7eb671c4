package mongo

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"golang.org/x/sync/errgroup"

	"bookplate/models"
)

// sessions keeps the log-ins.
type sessions struct {
	*Store
	coll  *driver.Collection
	users users
}

// sessionDoc is a log-in as it is stored.
type sessionDoc struct {
	ID        objectID `bson:"_id"`
	UserID    text     `bson:"user_id"` // hex digits, as in a book
	CreatedAt moment   `bson:"created_at"`
	ExpiresAt moment   `bson:"expires_at"`
	IP        text     `bson:"ip"`
	UserAgent text     `bson:"user_agent"`
}

func (d sessionDoc) session() models.Session {
	return models.Session{
		ID: models.ID(d.ID), UserID: models.ID(d.UserID), CreatedAt: d.CreatedAt.Time, ExpiresAt: d.ExpiresAt.Time,
		IP: string(d.IP), UserAgent: string(d.UserAgent),
	}
}

// Create stores a new log-in.
func (s sessions) Create(ctx context.Context, session models.Session) error {
	return s.do(func() error {
		_, err := s.coll.InsertOne(ctx, sessionDoc{
			ID: objectID(session.ID), UserID: text(session.UserID), CreatedAt: moment{session.CreatedAt},
			ExpiresAt: moment{session.ExpiresAt}, IP: text(session.IP), UserAgent: text(session.UserAgent),
		})
		return err
	})
}

// Authenticate asks for the session and the user at the same time. A failure of one does not cancel the other: that
// would cost its connection.
func (s sessions) Authenticate(ctx context.Context, id, userID models.ID) (session models.Session, user models.User, err error) {
	var both errgroup.Group
	both.Go(func() (err error) {
		session, err = s.get(ctx, id, userID)
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

// get returns a session of that user.
func (s sessions) get(ctx context.Context, id, userID models.ID) (models.Session, error) {
	var doc sessionDoc
	err := s.do(func() error {
		return s.coll.FindOne(ctx, bson.M{"_id": objectID(id), "user_id": userID}).Decode(&doc)
	})
	return doc.session(), err
}

// Delete ends a session.
func (s sessions) Delete(ctx context.Context, id models.ID) error {
	return s.do(func() error {
		_, err := s.coll.DeleteOne(ctx, bson.M{"_id": objectID(id)})
		return err
	})
}

// DeleteExpired removes the sessions that ended before now.
func (s sessions) DeleteExpired(ctx context.Context, now time.Time) (n int64, err error) {
	err = s.do(func() error {
		res, err := s.coll.DeleteMany(ctx, bson.M{"expires_at": bson.M{"$lt": moment{now}}})
		if err == nil {
			n = res.DeletedCount
		}
		return err
	})
	return n, err
}
