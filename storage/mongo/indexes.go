package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// The fields that are unique. A document that lacks one takes no place in its index: a disabled account, one without
// a user name, a duplicate that the tutorial made, or a loan that has been returned.
const (
	emailKey    = "email_key"    // an active account's e-mail address, as addresses compare
	usernameKey = "username_key" // an active account's user name, likewise
	titleKey    = "title_key"    // a book's owner and title
	slotKey     = "slot"         // an open loan's book and the number of a copy
)

// indexes are what the queries need, and what makes the unique fields unique. A unique index has a single field, which
// servers other than MongoDB's understand as well; none expires documents, so that no promise rests on a server's
// timer.
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

// unique is an index that refuses a second document of the same value.
func unique(field string) driver.IndexModel {
	return driver.IndexModel{Keys: bson.D{{Key: field, Value: 1}}, Options: options.Index().SetUnique(true).SetSparse(true)}
}

// index is an ascending index; read backwards it serves the descending order as well.
func index(fields ...string) driver.IndexModel {
	keys := make(bson.D, len(fields))
	for i, field := range fields {
		keys[i] = bson.E{Key: field, Value: 1}
	}
	return driver.IndexModel{Keys: keys}
}

// ensureIndexes creates the indexes that are not there yet, by a call each: what is built stays when the next one
// fails.
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
