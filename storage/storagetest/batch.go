package storagetest

import (
	"context"
	"errors"
	"testing"

	"bookplate/models"
)

var batchTests = map[string]func(*testing.T, suite){
	"calls of a batch see its writes":                      testBatchSeesItsWrites,
	"a rejected write of a batch does not undo the others": testRejectedInBatch,
	"all or nothing of an atomic batch is stored":          testAtomicBatch,
	"batches and other writes at once are stored":          testBatchesAtOnce,
}

func testBatchSeesItsWrites(t *testing.T, s suite) {
	ada := addOwner(t, s)
	old, book := addBook(t, s, newBook(ada, "Emma")), newBook(ada, "Sanditon")
	key := models.ReadingKey{UserID: ada, BookID: book.ID}
	wantOK(t, s.Batch(t.Context(), false, func(ctx context.Context) error {
		wantOK(t, s.Books().Create(ctx, book))
		got, err := s.Books().Get(ctx, book.ID)
		wantOK(t, err)
		wantEqual(t, got, book)
		_, err = s.Readings().Put(ctx, key, fullUpdate(now))
		wantOK(t, err)
		_, err = s.Shelves().Put(ctx, wishlistOf(ada), book.ID, models.NewPlace(now), models.DefaultShelfLimits)
		wantOK(t, err)
		_, err = s.Books().Delete(ctx, old.ID, ada, nil)
		wantOK(t, err)

		list, err := s.Books().List(ctx, models.BookFilter{UserID: ada, Query: query("sandit"), Sort: models.SortCreated, Limit: 9})
		wantOK(t, err)
		wantEqualList(t, list, []models.Book{book})
		n, err := s.Books().Count(ctx, models.BookFilter{UserID: ada})
		wantOK(t, err)
		wantEqual(t, n, 1)
		facets, err := s.Books().Facets(ctx, models.BookFilter{UserID: ada})
		wantOK(t, err)
		wantEqual(t, facets[models.FieldCategory], []models.ValueCount{{Value: "poetry", Books: 1}})
		read, err := s.Readings().Of(ctx, ada, []models.ID{book.ID})
		wantOK(t, err)
		wantEqual(t, len(read), 1)
		return nil
	}))
	_, err := s.Books().Get(t.Context(), book.ID)
	wantOK(t, err)
	_, err = s.Books().Get(t.Context(), old.ID)
	wantCode(t, err, models.NotFound)
}

func testRejectedInBatch(t *testing.T, s suite) {
	ada := addOwner(t, s)
	first, same, last := newBook(ada, "Emma"), newBook(ada, "Emma"), newBook(ada, "Sanditon")
	wantOK(t, s.Batch(t.Context(), false, func(ctx context.Context) error {
		wantOK(t, s.Books().Create(ctx, first))
		wantCode(t, s.Books().Create(ctx, same), models.Conflict)
		wantOK(t, s.Books().Create(ctx, last))
		return nil
	}))
	list, err := s.Books().List(t.Context(), models.BookFilter{UserID: ada, Sort: models.SortCreated, Limit: 9})
	wantOK(t, err)
	wantEqualList(t, list, []models.Book{first, last})
}

// An atomic batch is stored as a whole or not at all. A MongoDB server without a replica set rejects it before it begins.
func testAtomicBatch(t *testing.T, s suite) {
	ada := addOwner(t, s)
	old, book := addBook(t, s, newBook(ada, "Emma")), newBook(ada, "Sanditon")
	failed := errors.New("failed")
	result := failed
	calls := 0
	change := func(ctx context.Context) error {
		calls++
		wantOK(t, s.Books().Create(ctx, book))
		_, err := s.Books().Delete(ctx, old.ID, ada, nil)
		wantOK(t, err)
		_, err = s.Books().Get(t.Context(), book.ID)
		wantCode(t, err, models.NotFound) // others do not see it yet
		return result
	}
	err := s.Batch(t.Context(), true, change)
	if models.CodeOf(err) == models.AtomicUnsupported {
		wantEqual(t, s.Name(), "MongoDB")
		wantEqual(t, calls, 0)
		return
	}
	if !errors.Is(err, failed) {
		t.Fatalf("got %v", err)
	}
	_, err = s.Books().Get(t.Context(), old.ID)
	wantOK(t, err)
	_, err = s.Books().Get(t.Context(), book.ID)
	wantCode(t, err, models.NotFound)
	result = nil
	wantOK(t, s.Batch(t.Context(), true, change))
	_, err = s.Books().Get(t.Context(), old.ID)
	wantCode(t, err, models.NotFound)
	_, err = s.Books().Get(t.Context(), book.ID)
	wantOK(t, err)
}

func testBatchesAtOnce(t *testing.T, s suite) {
	ada := addOwner(t, s)
	for _, err := range concurrently(20, func(i int) error {
		if i%2 == 0 {
			return s.Books().Create(t.Context(), newBook(ada, string(models.NewID(now))))
		}
		return s.Batch(t.Context(), false, func(ctx context.Context) error {
			for range 3 {
				if err := s.Books().Create(ctx, newBook(ada, string(models.NewID(now)))); err != nil {
					return err
				}
			}
			return nil
		})
	}) {
		wantOK(t, err)
	}
	n, err := s.Books().Count(t.Context(), models.BookFilter{UserID: ada})
	wantOK(t, err)
	wantEqual(t, n, 40)
}
