package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// The unique fields. A document without the field is not in its index: a disabled account, an account without a user name,
// a duplicate stored by the tutorial, or a returned loan.
const (
	emailKey    = "email_key"    // an active account's e-mail address, as addresses compare
	usernameKey = "username_key" // an active account's user name
	titleKey    = "title_key"    // a book's owner and title
	slotKey     = "slot"         // an open loan's book and the number of a copy
)

// indexes are the indexes of the queries and of the unique fields. A unique index has one field, which all servers with
// MongoDB's protocol support. No index expires documents, so no guarantee depends on a server's timer.
var indexes = map[string][]driver.IndexModel{
	usersName: {
		unique(emailKey),    // Users.GetByEmail, for every log-in
		unique(usernameKey), // Users.GetByUsername, for a log-in by name
	},
	booksName: {
		unique(titleKey),
		index("user_id", "_id"),             // Books.List of an owner, in the order of creation
		index("user_id", "category", "_id"), // the same in one category
		index("user_id", "title", "_id"),    // Books.List of an owner, by title
		index("category", "_id"),            // Books.List of a category
		index("title", "_id"),               // Books.List of all, by title
		index("cover"),                      // Books.Covers, for the sweep
	},
	sessionsName: {
		index("expires_at"),                       // Sessions.DeleteExpired
		index("user_id", "_id"),                   // Sessions.List and Sessions.DeleteAll
		index("user_id", "network", "expires_at"), // Sessions.KnownIn
	},
	shelvesName: {
		index("user_id", "shelf", "place"), // Shelves.Books; Shelves.List and DeleteAll by its beginning
		index("book_id"),                   // Books.Delete, which takes the book off every shelf
	},
	readingsName: {
		index("user_id", "updated_at", "book_id"), // Readings.List, in each order; DeleteAll by its beginning
		index("user_id", "finished", "book_id"),
		index("user_id", "rating", "book_id"),
		index("book_id"), // Books.Delete, which deletes all readings of the book
	},
	goalsName: {
		index("user_id"), // Readings.DeleteAll
	},
	loansName: {
		unique(slotKey),
		index("book_id", "_id"),                    // Loans.List of a book; Books.Delete
		index("book_id", "returned_at"),            // Loans.OpenOf
		index("lender_id", "_id"),                  // Loans.List of a lender
		index("lender_id", "returned_at", "_id"),   // the same, open loans only
		index("borrower_id", "_id"),                // Loans.List of a borrower; Loans.ForgetBorrower
		index("borrower_id", "returned_at", "_id"), // the same, open loans only
		index("returned_at", "reminded", "due"),    // Loans.ToRemind
	},
	throttlesName: {
		index("expires_at"), // Throttles.DeleteExpired
	},
	tokensName: {
		index("user_id"),    // OneTimeTokens.DeleteAll
		index("expires_at"), // OneTimeTokens.DeleteExpired
	},
}

// unique returns an index that rejects a second document with the same value.
func unique(field string) driver.IndexModel {
	return driver.IndexModel{Keys: bson.D{{Key: field, Value: 1}}, Options: options.Index().SetUnique(true).SetSparse(true)}
}

// index returns an ascending index. It serves the descending order, too.
func index(fields ...string) driver.IndexModel {
	keys := make(bson.D, len(fields))
	for i, field := range fields {
		keys[i] = bson.E{Key: field, Value: 1}
	}
	return driver.IndexModel{Keys: keys}
}

// ensureIndexes creates the missing indexes with one call each, so that those already built remain if one fails.
func (s *Store) ensureIndexes(ctx context.Context) error {
	for collection, models := range indexes {
		view := s.db.Collection(collection).Indexes()
		for _, model := range models {
			if _, err := view.CreateOne(ctx, model); err != nil {
				return err
			}
		}
	}
	return nil
}
