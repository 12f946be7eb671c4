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
var indexes = map[string][]index{
	usersName: {
		unique(emailKey),    // Users.GetByEmail, for every log-in
		unique(usernameKey), // Users.GetByUsername, for a log-in by name
		on("role"),          // Users.OtherAdmins
	},
	booksName: {
		unique(titleKey),
		on("user_id", "_id"),             // Books.List of an owner, in the order of creation
		on("user_id", "category", "_id"), // the same in one category
		on("category", "_id"),            // Books.List of a category
		on("user_id", termsField, "_id"), // Books.List of an owner by words and values
		on(termsField, "_id"),            // the same of all; the search for books without the field
		on("user_id", titleSort, "_id"),  // Books.List in each other order, of an owner and of all; Books.Duplicates
		on("user_id", authorSort, "_id"),
		on("user_id", seriesSort, "_id"),
		on("user_id", publishedSort, "_id"),
		on(titleSort, "_id"),
		on(authorSort, "_id"),
		on(seriesSort, "_id"),
		on(publishedSort, "_id"),
		on("user_id", "isbn"),            // Books.Duplicates
		on("user_id", coverField, "_id"), // Books.List of an owner by whether a book has a cover
		on("cover"),                      // Books.Covers, for the sweep

		// The next two indexes have only the books in the trash.
		sparse(trashOwnerField, trashedField), // Trash.List of an owner; Trash.DeleteAll
		sparse(trashedField),                  // Trash.DeleteAll of all owners
	},
	sessionsName: {
		on("expires_at"),                       // Sessions.DeleteExpired
		on("user_id", "_id"),                   // Sessions.List and Sessions.DeleteAll
		on("user_id", "network", "expires_at"), // Sessions.KnownIn
	},
	shelvesName: {
		on("user_id", "shelf", "place"), // Shelves.Books; Shelves.List and DeleteAll use its first field
		on("book_id"),                   // Books.Delete, which takes the book off every shelf; Trash.Places
	},
	readingsName: {
		on("user_id", "updated_at", "book_id"), // Readings.List, in each order; DeleteAll uses its first field
		on("user_id", "finished", "book_id"),
		on("user_id", "rating", "book_id"),
		on("book_id"), // Books.Delete, which deletes all readings of the book
	},
	goalsName: {
		on("user_id"), // Readings.Goals, Readings.DeleteAll
	},
	loansName: {
		unique(slotKey),
		on("book_id", "_id"),                    // Loans.List of a book; Books.Delete; Trash.Loans
		on("book_id", "returned_at"),            // Loans.OpenOf
		on("lender_id", "_id"),                  // Loans.List of a lender
		on("lender_id", "returned_at", "_id"),   // the same, open loans only
		on("borrower_id", "_id"),                // Loans.List of a borrower; Loans.ForgetBorrower
		on("borrower_id", "returned_at", "_id"), // the same, open loans only
		on("returned_at", "reminded", "due"),    // Loans.ToRemind
	},
	throttlesName: {
		on("expires_at"), // Throttles.DeleteExpired
	},
	tokensName: {
		on("user_id"),    // OneTimeTokens.DeleteAll
		on("expires_at"), // OneTimeTokens.DeleteExpired
	},
	keyedName: {
		on("user_id"),    // KeyedRequests.DeleteAll
		on("expires_at"), // KeyedRequests.DeleteExpired
	},
	sourceAnswersName: {
		on("expires_at"), // SourceAnswers.DeleteExpired
	},
	importsName: {
		on("user_id", "_id"),     // Imports.List of a user; DeleteAll uses its first field
		on("finished_at", "_id"), // Imports.List of the unfinished imports; Imports.DeleteOld
	},
	importBatchesName: {
		on("import_id"), // Imports.DeleteAll and DeleteOld
	},
}

// index is an ascending index. The server can also read it in descending order.
type index struct {
	fields []string
	unique bool // a second document with the same value is rejected
	sparse bool // only documents that have at least one of the fields are in the index
}

// on returns an index on these fields, which has all documents.
func on(fields ...string) index { return index{fields: fields} }

// unique returns a unique index, which has only the documents with the field.
func unique(field string) index { return index{[]string{field}, true, true} }

// sparse returns an index of only those documents that have at least one of the fields.
func sparse(fields ...string) index { return index{fields: fields, sparse: true} }

// model returns the index for the driver. Each call returns another model, because the driver changes a model's options.
func (i index) model() driver.IndexModel {
	opts := options.Index()
	if i.unique {
		opts.SetUnique(true)
	}
	if i.sparse {
		opts.SetSparse(true)
	}
	keys := make(bson.D, len(i.fields))
	for n, field := range i.fields {
		keys[n] = bson.E{Key: field, Value: 1}
	}
	return driver.IndexModel{Keys: keys, Options: opts}
}

// ensureIndexes creates the missing indexes. It makes one call for each index. If a call fails, the indexes of the
// earlier calls remain.
func (s *Store) ensureIndexes(ctx context.Context) error {
	for collection, list := range indexes {
		view := s.db.Collection(collection).Indexes()
		for _, i := range list {
			if _, err := view.CreateOne(ctx, i.model()); err != nil {
				return err
			}
		}
	}
	return nil
}
