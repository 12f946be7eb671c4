package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// The fields with unique, sparse indexes. A document that lacks such a field is not in the index: disabled accounts,
// accounts without a user name, duplicates stored by the tutorial, and returned loans.
const (
	emailKey    = "email_key"    // an active account's e-mail address, see models.EmailKey
	usernameKey = "username_key" // an active account's user name, see models.UsernameKey
	titleKey    = "title_key"    // a book's owner, title and edition, see titleKeyOf
	slotKey     = "slot"         // an open loan's book and the number of the lent copy
)

// indexes are the indexes of each collection, for queries and for unique fields. Every unique index has a single field,
// because all servers with MongoDB's protocol support that. No index expires documents, so that nothing depends on a
// server's timer.
var indexes = map[string][]driver.IndexModel{
	usersName: {
		unique(emailKey),    // Users.GetByEmail, for every log-in
		unique(usernameKey), // Users.GetByUsername, for a log-in by name
	},
	booksName: {
		unique(titleKey),
		index("user_id", "_id"),             // Books.List of an owner, in the order of creation
		index("user_id", "category", "_id"), // the same in one category
		index("category", "_id"),            // Books.List of a category
		index("user_id", termsField, "_id"), // Books.List of an owner by words and values
		index(termsField, "_id"),            // the same of all; the search for books without the field
		index("user_id", titleSort, "_id"),  // Books.List in each other order, of an owner and of all; Books.Duplicates
		index("user_id", authorSort, "_id"),
		index("user_id", seriesSort, "_id"),
		index("user_id", publishedSort, "_id"),
		index(titleSort, "_id"),
		index(authorSort, "_id"),
		index(seriesSort, "_id"),
		index(publishedSort, "_id"),
		index("user_id", "isbn"),            // Books.Duplicates
		index("user_id", coverField, "_id"), // Books.List of an owner by whether a book has a cover
		index("cover"),                      // Books.Covers, for the sweep

		// The next two indexes have only the books in the trash.
		sparse(trashOwnerField, trashedField), // Trash.List of an owner; Trash.DeleteAll
		sparse(trashedField),                  // Trash.DeleteAll of all owners
	},
	sessionsName: {
		index("expires_at"),                       // Sessions.DeleteExpired
		index("user_id", "_id"),                   // Sessions.List and Sessions.DeleteAll
		index("user_id", "network", "expires_at"), // Sessions.KnownIn
	},
	shelvesName: {
		index("user_id", "shelf", "place"), // Shelves.Books; Shelves.List and DeleteAll use its first field
		index("book_id"),                   // Books.Delete, which takes the book off every shelf
	},
	readingsName: {
		index("user_id", "updated_at", "book_id"), // Readings.List, in each order; DeleteAll uses its first field
		index("user_id", "finished", "book_id"),
		index("user_id", "rating", "book_id"),
		index("book_id"), // Books.Delete, which deletes all readings of the book
	},
	goalsName: {
		index("user_id"), // Readings.Goals, Readings.DeleteAll
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
	keyedName: {
		index("user_id"),    // KeyedRequests.DeleteAll
		index("expires_at"), // KeyedRequests.DeleteExpired
	},
	sourceAnswersName: {
		index("expires_at"), // SourceAnswers.DeleteExpired
	},
	importsName: {
		index("user_id", "_id"),     // Imports.List of a user; DeleteAll uses its first field
		index("finished_at", "_id"), // Imports.List of the unfinished imports; Imports.DeleteOld
	},
	importBatchesName: {
		index("import_id"), // Imports.DeleteAll and DeleteOld
	},
}

// unique returns an index that rejects a second document with the same value.
func unique(field string) driver.IndexModel {
	return driver.IndexModel{Keys: bson.D{{Key: field, Value: 1}}, Options: options.Index().SetUnique(true).SetSparse(true)}
}

// sparse returns an index of only those documents that have at least one of the fields.
func sparse(fields ...string) driver.IndexModel {
	model := index(fields...)
	model.Options = options.Index().SetSparse(true)
	return model
}

// index returns an ascending index. The server can also read it in descending order.
func index(fields ...string) driver.IndexModel {
	keys := make(bson.D, len(fields))
	for i, field := range fields {
		keys[i] = bson.E{Key: field, Value: 1}
	}
	return driver.IndexModel{Keys: keys}
}

// ensureIndexes creates the missing indexes. It makes one call for each index. If a call fails, the indexes of the
// earlier calls remain.
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
