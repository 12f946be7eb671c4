package demo

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"image/jpeg"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"bookplate/demo/jacket"
	"bookplate/models"
)

// table is a CSV file with one book a line. Authors and tags are separated by semicolons.
//
//go:embed books.csv
var table []byte

// readTable returns the books of the table.
func readTable() ([]models.BookUpdate, error) {
	rows, err := csv.NewReader(bytes.NewReader(table)).ReadAll()
	if err != nil {
		return nil, err
	}
	var books []models.BookUpdate
	for _, row := range rows[1:] {
		b, err := parseRow(row)
		if err != nil {
			return nil, fmt.Errorf("books.csv: %s: %w", row[0], err)
		}
		books = append(books, b)
	}
	return books, nil
}

// parseRow returns the book of a row. It checks the book as if a client had sent it.
func parseRow(row []string) (b models.BookUpdate, err error) {
	b = models.BookUpdate{
		Title: &row[0], Authors: new(strings.Split(row[1], ";")), Published: &row[2], Language: &row[3], Category: &row[4],
		Series: &row[5], Tags: new(strings.Split(row[7], ";")), Description: &row[8],
	}
	if row[6] != "" {
		number, err := strconv.ParseFloat(row[6], 64)
		if err != nil {
			return b, err
		}
		b.SeriesNumber = &number
	}
	b.Check(models.DefaultCategories, func(name string, reason error) {
		if reason != nil {
			err = errors.Join(err, fmt.Errorf("%s %w", name, reason))
		}
	})
	return b, err
}

// addBooks adds the books of the table and their covers in a random order. Their dates are spread evenly from the beginning
// to now, and the accounts take turns as their owners.
func (f *filler) addBooks(ctx context.Context) error {
	books, err := readTable()
	if err != nil {
		return err
	}
	f.books = make([]models.Book, len(books))
	interval := (history - 2*day) / time.Duration(len(books))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxWrites)
	for i, row := range newChance("books").Perm(len(books)) {
		group.Go(func() (err error) {
			owner := f.accounts[i%len(f.accounts)].User
			f.books[i], err = f.addBook(ctx, owner, books[row], f.begin.Add(day+time.Duration(i)*interval))
			return err
		})
	}
	return group.Wait()
}

// addBook adds a book with a cover.
func (f *filler) addBook(
	ctx context.Context, owner models.User, b models.BookUpdate, added time.Time,
) (_ models.Book, err error) {
	if err := ctx.Err(); err != nil {
		return models.Book{}, err
	}
	file, err := os.CreateTemp("", "bookplate-cover-*.jpg")
	if err != nil {
		return models.Book{}, err
	}
	defer func() { err = errors.Join(err, file.Close(), os.Remove(file.Name())) }()
	if err := jpeg.Encode(file, jacket.Draw(*b.Title, *b.Authors), &jpeg.Options{Quality: 92}); err != nil {
		return models.Book{}, err
	}
	return f.catalogue(added).Create(ctx, "", owner.ID, b, file)
}
