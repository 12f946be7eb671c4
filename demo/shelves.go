package demo

import (
	"context"
	"time"

	"bookplate/library"
	"bookplate/models"
)

// shelfSizes are the numbers of books on the shelves of each account.
var shelfSizes = map[string]int{models.Wishlist: 9, models.Cart: 2, "favourites": 7, "book-club": 5, "holidays": 4}

// shelves returns records of the books on the accounts' shelves.
func (f *filler) shelves() []record {
	var records []record
	for _, account := range f.accounts {
		for shelf, size := range shelfSizes {
			for n, i := range newChance(shelf + " of " + account.Email).Perm(len(f.books))[:size] {
				put := f.now.Add(-time.Duration(size-n) * 5 * day)
				records = append(records, func(ctx context.Context) error {
					shelves := library.Shelves{Store: f.Store.Shelves(), Books: f.catalogue(put), Now: at(put)}
					_, err := shelves.Put(ctx, account.User, shelf, f.books[i].ID)
					return err
				})
			}
		}
	}
	return records
}
