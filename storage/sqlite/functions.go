package sqlite

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strings"

	"modernc.org/sqlite"

	"bookplate/models"
)

// The SQL functions that the migrations and the triggers use.
func init() {
	register("models_email_key", 1, func(a []string) (string, error) { return models.EmailKey(a[0]), nil })
	register("models_username_key", 1, func(a []string) (string, error) { return models.UsernameKey(a[0]), nil })

	register("book_title_key", 1, func(a []string) (string, error) {
		return models.Book{BookTexts: models.BookTexts{Title: a[0]}}.SortKeys().Title, nil
	})
	register("book_author_key", 1, ofDetails(func(_ []string, b models.Book) string { return b.SortKeys().Author }))
	register("book_series_key", 1, ofDetails(func(_ []string, b models.Book) string { return b.SortKeys().Series }))
	register("book_published", 1, ofDetails(func(_ []string, b models.Book) string { return b.SortKeys().Published }))
	register("book_heading", 2, ofDetails(func(a []string, b models.Book) string {
		b.Title = a[0]
		return strings.Join(b.Words().Heading, " ")
	}))
	register("book_body", 3, ofDetails(func(a []string, b models.Book) string {
		b.Title, b.Description = a[0], a[1]
		return strings.Join(b.Words().Body, " ")
	}))
	register("book_values", 5, ofDetails(func(a []string, b models.Book) string {
		b.Title, b.Category, b.Cover.Name, b.ImageURL = a[0], a[1], a[2], a[3]
		values := [][3]string{}
		for field, value := range b.Values() {
			values = append(values, [3]string{string(field), models.Fold(value), value})
		}
		text, _ := json.Marshal(values) // strings always marshal
		return string(text)
	}))
}

// ofDetails adapts f to an SQL function whose last argument is the column details of a book.
func ofDetails(f func(args []string, b models.Book) string) func([]string) (string, error) {
	return func(args []string) (string, error) {
		var b models.Book
		last := len(args) - 1
		err := (*detailsColumn)(&b.BookDetails).Scan(args[last])
		return f(args[:last], b), err
	}
}

// register registers an SQL function whose arguments and result are texts.
func register(name string, arguments int32, f func([]string) (string, error)) {
	sqlite.MustRegisterDeterministicScalarFunction(name, arguments,
		func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
			texts := make([]string, len(args))
			for i, arg := range args {
				text, ok := arg.(string)
				if !ok {
					return nil, fmt.Errorf("%s was called with %T", name, arg)
				}
				texts[i] = text
			}
			return f(texts)
		})
}
