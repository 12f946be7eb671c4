package handlers

import (
	"fmt"
	"strings"
	"testing"

	"bookplate/storage/storagetest"
)

// benchmarkFile returns a file of Goodreads with that number of books, as large as real ones: two thirds have an ISBN and a
// reading, a tenth has a review and a shelf.
func benchmarkFile(rows int) string {
	var file strings.Builder
	file.WriteString("Book Id,Title,Author,ISBN13,My Rating,Publisher,Number of Pages,Year Published,Date Read,Bookshelves,Exclusive Shelf,My Review\n")
	for i := range rows {
		isbn, rating, read, status, shelf, review := "", 0, "", "to-read", "", ""
		if i%3 > 0 {
			isbn, rating, read, status = numberedISBN(i), i%6, fmt.Sprintf("20%02d/%02d/%02d", i%20, i%12+1, i%28+1), "read"
		}
		if i%10 == 0 {
			shelf, review = "sci-fi", strings.Repeat("A review. ", 50)
		}
		fmt.Fprintf(&file, "%d,\"The Book of Number %d (Numbers, #%d)\",Author %d,\"=\"\"%s\"\"\",%d,A Publisher,%d,%d,%s,%s,%s,%s\n",
			i, i, i%40+1, i%2000, isbn, rating, 100+i%900, 1900+i%120, read, shelf, status, review)
	}
	return file.String()
}

// numberedISBN returns a different ISBN for each number below a hundred million.
func numberedISBN(i int) string {
	digits := fmt.Sprintf("9781%08d", i)
	sum := 0
	for n, c := range digits {
		sum += int(c-'0') * (1 + 2*(n%2))
	}
	return fmt.Sprintf("%s%d", digits, (10-sum%10)%10)
}

// BenchmarkImport imports a file of 10,000 books into an empty library.
func BenchmarkImport(b *testing.B) {
	for name, url := range map[string]func() string{
		"sqlite": func() string { return "" }, "mongo": func() string { return storagetest.MongoURL(b) },
	} {
		b.Run(name, func(b *testing.B) {
			const rows = 10_000
			s := newServer(b, map[string]string{"DATABASE_URL": url(), "THROTTLE": "off"})
			file, n := benchmarkFile(rows), 0
			for b.Loop() {
				n++
				token := s.signedIn(fmt.Sprintf("ada%d@example.com", n)).Token
				s.finishImport(token, file, fmt.Sprint(rows, " 0 0 0"))
			}
			b.ReportMetric(float64(rows*n)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
