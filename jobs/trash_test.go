package jobs

import (
	"testing"
	"time"

	"bookplate/models"
)

// addTrash adds a book whose cover has one picture, and moves it to the trash.
func (b *bench) addTrash(owner models.ID) models.ID {
	b.Helper()
	mark, err := b.jobs.Store.CoverMark()
	if err != nil {
		b.Fatal(err)
	}
	book := models.Book{ID: models.NewID(now()), UserID: owner, Cover: models.NewCover(mark, []int{models.ThumbnailSize})}
	book.Title = string(book.ID)
	b.addPicture(book.Cover)
	if err := b.jobs.Store.Books().Create(b.Context(), book); err != nil {
		b.Fatal(err)
	}
	if err := b.jobs.Store.Trash().Put(b.Context(), book.ID, owner, now(), nil); err != nil {
		b.Fatal(err)
	}
	return book.ID
}

func (b *bench) wantTrash(when string, owner models.ID, want int) {
	b.Helper()
	list, err := b.jobs.Store.Trash().List(b.Context(), models.TrashFilter{UserID: owner, Limit: 100})
	if err != nil || len(list) != want {
		b.Errorf("%s there are %d books in the trash, error %v; want %d", when, len(list), err, want)
	}
}

// A book that has been in the trash for TrashTTL is deleted with its cover.
func TestOldBooksInTheTrashAreDeleted(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.jobs.TrashTTL = 3 * time.Hour
		ada := b.addUser("ada", true, false)
		for range 7 { // more than package library deletes in one batch
			b.addTrash(ada)
		}
		defer b.run("")()
		b.after(2 * time.Hour)
		b.addTrash(ada)
		b.wantTrash("before three hours", ada, 8)
		b.wantPictures("before three hours", 8)
		b.after(time.Hour)
		b.wantTrash("after three hours", ada, 1)
		b.wantPictures("after three hours", 1)
		b.after(2 * time.Hour)
		b.wantTrash("three hours later", ada, 0)
		b.wantPictures("three hours later", 0)
	})
}

// While another copy of the server has the lease, no book is deleted. Without TrashTTL, books stay in the trash for ever.
func TestTrashIsKept(t *testing.T) {
	inBubble(t, func(b *bench) {
		ada := b.addUser("ada", true, false)
		b.addTrash(ada)
		stop := b.run("")
		b.after(5 * time.Hour)
		b.wantTrash("without TrashTTL", ada, 1)
		stop()

		b.jobs.TrashTTL = time.Hour
		taken, err := b.jobs.Store.Leases().Take(b.Context(), trashLease, "another copy", now(), now().Add(90*time.Minute))
		if !taken || err != nil {
			b.Fatal(taken, err)
		}
		defer b.run("")()
		b.after(time.Hour)
		b.wantTrash("while another copy has the lease", ada, 1)
		b.after(time.Hour)
		b.wantTrash("after its lease has expired", ada, 0)
	})
}
