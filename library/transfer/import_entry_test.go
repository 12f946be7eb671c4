package transfer

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"bookplate/models"
)

// readEntries returns the entries of a file as text, one on each line.
func readEntries(t *testing.T, content string) string {
	t.Helper()
	table, err := openTable(strings.NewReader(content), nil)
	if err != nil {
		t.Fatal(err)
	}
	l := &Imports{Categories: models.DefaultCategories}
	lines := []string{table.format.name}
	for rec, err := range table.records {
		if err != nil {
			t.Fatal(err)
		}
		e := l.readEntry(table.format, table.columns, models.ImportLine{Number: rec.line, Cells: rec.cells})
		text, err := json.Marshal([]any{maps.Collect(e.Book.Changes()), maps.Collect(e.Reading.Fields())})
		if err != nil {
			t.Fatal(err)
		}
		line := string(text)
		if len(e.Shelves) > 0 {
			line += fmt.Sprint(" on ", e.Shelves)
		}
		if e.LentTo != "" {
			line += fmt.Sprint(" lent to ", e.LentTo, " ", e.LentAt)
		}
		lines = append(lines, line+e.skip+e.fail+strings.Join(e.notes, "; "))
	}
	return strings.Join(lines, "\n")
}

func TestEntries(t *testing.T) {
	for name, file := range map[string]struct{ content, want string }{
		"StoryGraph": {
			"Title,Authors,Contributors,ISBN/UID,Format,Read Status,Date Added,Last Date Read,Dates Read,Read Count,Star Rating,Review,Tags,Owned?\r\n" +
				`"Good Omens","Terry Pratchett, Neil Gaiman",,9780060853983,paperback,read,2022/01/01,2022/01/05,"2021/05/01-2021/05/10, 2022/01/02-2022/01/05",2,4.25,<div>Fun</div>,"humour, angels",Yes` + "\r\n" +
				`X,A,,9f1c-uid,,did-not-finish,,10/12/2022,,0,,,,` + "\r\n",
			`storygraph
[{"authors":["Terry Pratchett","Neil Gaiman"],"isbn":"9780060853983","tags":["angels","humour"],"title":"Good Omens"},{"rating":4.25,"reads":[{"started":"2021-05-01","finished":"2021-05-10"},{"started":"2022-01-02","finished":"2022-01-05"}],"review":"Fun","status":"read"}]
[{"authors":["A"],"title":"X"},{"reads":[{"started":null,"finished":"2022-10-12"}],"status":"abandoned"}]`,
		},
		"LibraryThing": {
			"Book Id\tTitle\tPrimary Author\tSecondary Author\tDate\tReview\tRating\tPage Count\tDate Started\tDate Read\tTags\tCollections\tLanguages\tISBN\tISBNs\tCopies\tLending Patron\tLending Start\tLending End\n" +
				"1\tLe Petit Prince\tSaint-Exupéry, Antoine de\tWoods, Katherine|Cuffe, T. V. F.\t1999\tGood\t4.5\t93 \t\t[2007-04-16]\tenfants, conte\tYour library, To read\tFrench, English\t[2070291340]\t2070291340, 9782070291342\t1\tGrace Hopper\t2024-02-03\t\n",
			`librarything
[{"authors":["Antoine de Saint-Exupéry","Katherine Woods","T. V. F. Cuffe"],"copies":1,"isbn":"9782070291342","language":"fr","pages":93,"published":"1999","tags":["conte","enfants"],"title":"Le Petit Prince"},{"rating":4.5,"reads":[{"started":null,"finished":"2007-04-16"}],"review":"Good","status":"want"}] lent to Grace Hopper 2024-02-03`,
		},
		"LibraryThing as JSON": {
			`{"1":{"books_id":"1","title":"Emma","primaryauthor":"Austen, Jane","isbn":{"0":"0141439580","2":"9780141439587"},"rating":4,"tags":["classic"],"collections":["Your library"],"pages":"512 "}}`,
			`librarything
[{"authors":["Jane Austen"],"isbn":"9780141439587","pages":512,"tags":["classic"],"title":"Emma"},{"rating":4,"status":"read"}]`,
		},
		"BookWyrm": {
			"title,author_text,remote_id,openlibrary_key,isbn_10,isbn_13,start_date,finish_date,stopped_date,rating,review_name,review_cw,review_content,review_published,shelf,shelf_name,shelf_date\n" +
				"Emma,\"Jane Austen, John Doe\",,,0141439580,,2021-01-01,2021-02-01,,3.5,,,Fine,,stopped-reading,Stopped,2021-02-01\n",
			`bookwyrm
[{"authors":["Jane Austen","John Doe"],"isbn":"9780141439587","title":"Emma"},{"rating":3.5,"reads":[{"started":"2021-01-01","finished":"2021-02-01"}],"review":"Fine","status":"abandoned"}]`,
		},
		"Libib": {
			"item_type,title,creators,collection,ean_isbn13,upc_isbn10,description,publisher,publish_date,tags,notes,length,rating,review,status,began,completed,copies\n" +
				"book,Emma,Jane Austen,My Shelf,9780141439587,0141439580,About Emma,Penguin,2003-05-06,\"a,b\",,512,4,,In progress,2024-01-02,,2\nmovie,Emma,,,,,,,,,,,,,,,,1\n",
			`libib
[{"authors":["Jane Austen"],"copies":2,"description":"About Emma","isbn":"9780141439587","pages":512,"published":"2003-05-06","publisher":"Penguin","tags":["a","b"],"title":"Emma"},{"rating":4,"reads":[{"started":"2024-01-02","finished":null}],"status":"reading"}] on [my-shelf]
[{"copies":1,"title":"Emma"},{}]it is not a book: movie`,
		},
		"Calibre": {
			"authors,author_sort,rating,isbn,identifiers,comments,tags,series,series_index,languages,title,title_sort,publisher,pubdate,id,uuid\n" +
				"Terry Pratchett & Neil Gaiman,\"Pratchett, Terry\",8,,\"goodreads:39077187,isbn:9780756411800\",<p>Good &amp; bad</p>,\"humour, angels\",Omens,2.0,eng,Good Omens,Good Omens,Ace,1990-05-01T00:00:00+02:00,1,x\n" +
				"A B,\"B, A\",,,,,,,1.0,deu,Z,Z,,0101-01-01T00:00:00+00:00,2,y\n",
			`calibre
[{"authors":["Terry Pratchett","Neil Gaiman"],"description":"Good \u0026 bad","isbn":"9780756411800","language":"en","published":"1990-05-01","publisher":"Ace","series":"Omens","series_number":2,"tags":["angels","humour"],"title":"Good Omens"},{"rating":4,"status":"read"}]
[{"authors":["A B"],"language":"de","title":"Z"},{}]`,
		},
		"Book Catalogue": {
			"_id,author_details,title,isbn,publisher,date_published,rating,bookshelf,read,series_details,pages,notes,location,read_start,read_end,loaned_to,description,language\n" +
				"1,\"Austen, Jane|Doe, John\",Emma,0141439580,Penguin,2003,4,\"Default,Attic\",1,Classics (3)|,512,,Hall,2020-01-01,2020-02-01,Grace,About,English\n",
			`bookcatalogue
[{"authors":["Jane Austen","John Doe"],"description":"About","isbn":"9780141439587","language":"en","location":"Hall","pages":512,"published":"2003","publisher":"Penguin","series":"Classics","series_number":3,"title":"Emma"},{"rating":4,"reads":[{"started":"2020-01-01","finished":"2020-02-01"}],"status":"read"}] on [default attic] lent to Grace 0000-00-00`,
		},
		"Openreads": {
			"title,subtitle,author,description,status,favourite,deleted,rating,pages,publication_year,isbn,olid,tags,my_review,notes,book_format,readings,date_added,date_modified\n" +
				"Emma,A Novel,Jane Austen,\"two\nlines\",finished,true,false,4.5,512,1815,9780141439587,,a|||||b c,Good,,paperback,2021-01-01|2021-02-01|;2022-03-01|,,\n",
			`openreads
[{"authors":["Jane Austen"],"description":"two\nlines","isbn":"9780141439587","pages":512,"published":"1815","subtitle":"A Novel","tags":["a","b c"],"title":"Emma"},{"rating":4.5,"reads":[{"started":"2021-01-01","finished":"2021-02-01"},{"started":"2022-03-01","finished":null}],"review":"Good","status":"read"}]`,
		},
		"Hardcover": {
			"Title,Author,Series,Status,Privacy,ISBN 10,ISBN 13,ASIN,Media,Language Code,Pages,Publish Date,Publisher,Genres,Tags,Lists,Date Started,Date Finished,Rating,Review,Private Notes,Owned\n" +
				"Dune,Frank Herbert,Dune #1,Want to Read,Public,,9780441013593,,,en,604,1965-08-01,Ace,\"Science Fiction, Classics\",,Best Books,,,,,,true\n",
			`hardcover
[{"authors":["Frank Herbert"],"isbn":"9780441013593","language":"en","pages":604,"published":"1965-08-01","publisher":"Ace","series":"Dune","series_number":1,"tags":["Classics","Science Fiction"],"title":"Dune"},{"status":"want"}] on [best-books]`,
		},
		"Jelu": {
			"Title,Author,ISBN,Publisher,Date Read,Shelves,Bookshelves,read_dates,tags,authors,isbn10,isbn13,owned,dropped_dates,currently_reading\n" +
				"Emma,Jane Austen,,Penguin,,,,,classic,\"Jane Austen,John Doe\",,9780141439587,true,,true\nX,A,,,,,,,,,,,,2020-01-01,\n",
			`jelu
[{"authors":["Jane Austen","John Doe"],"isbn":"9780141439587","publisher":"Penguin","tags":["classic"],"title":"Emma"},{"status":"reading"}]
[{"authors":["A"],"title":"X"},{"status":"abandoned"}]`,
		},
		"another language": {
			"Titel;Verfasser;Jahr;Bewertung\nDer Proceß (Werke Book 2);Kafka, Franz;1925;4,5\n",
			`csv
[{"authors":["Franz Kafka"],"published":"1925","series":"Werke","series_number":2,"title":"Der Proceß"},{"rating":4.5,"status":"read"}]`,
		},
		"what is wrong": {
			"title,isbn,rating,date read,pages,authors,year\n" +
				"A,9780141439588,11,2021-02-30,many," + strings.Repeat("x;", 2000) + ",-44\n" +
				"B,9.78026E+12,0,,0,,850\nC,80442957X,,,,,\n" + strings.Repeat("x", 10_000) + ",,,,,,\n,,,,,,\n",
			`csv
[{"title":"A"},{}]rating left out: 11 is not a number of stars from 0 to 5; finished left out: 2021-02-30 does not exist; pages left out: many is not a whole number; published left out: -44 is not a date; isbn left out: 9780141439588 does not add up: a digit of the ISBN is wrong; authors left out: must be at most 100
[{"published":"0850","title":"B"},{}]isbn left out: 9.78026E+12: a spreadsheet has rounded it, so it is lost
[{"isbn":"9780804429573","title":"C"},{}]
[{},{}]title must have at most 500 characters
[{},{}]the line is empty`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := readEntries(t, file.content); got != file.want {
				t.Errorf("read\n%s\nwant\n%s", got, file.want)
			}
		})
	}
}

func TestSeriesInTitles(t *testing.T) {
	for title, want := range map[string]string{
		"Dune (Dune, #1)": "Dune|Dune|1", "The Truth (Discworld, #25; Industrial Revolution, #2)": "The Truth|Discworld|25",
		"A (B #1.5)": "A|B|1.5", "A (B, #1-3)": "A|B|1", "A (The B Book 2)": "A|The B|2", "A (B, Vol. 4)": "A|B|4",
		"A (1)": "A (1)||0", "1984": "1984||0", "A (2nd Edition)": "A (2nd Edition)||0",
	} {
		rest, series, number := splitSeries(title)
		if got := fmt.Sprintf("%s|%s|%v", rest, series, number); got != want {
			t.Errorf("%s is split to %s, want %s", title, got, want)
		}
	}
}

// No file makes the reader panic, and each record of a table with columns has a cell.
func FuzzImport(f *testing.F) {
	for _, seed := range []string{"Title,Author\nEmma,\"Jane\"\n", `[{"title":"Emma"}]`, "[{}]", "\xff\xfeT\x00", "sep=;\n", "'=1\t\"a\"b\n"} {
		f.Add(seed)
	}
	l := &Imports{Categories: models.DefaultCategories}
	f.Fuzz(func(t *testing.T, content string) {
		table, err := openTable(strings.NewReader(content), nil)
		if err != nil {
			return
		}
		for rec, err := range table.records {
			if err != nil {
				return
			}
			if len(rec.cells) == 0 && len(table.columns) > 0 {
				t.Fatal("a record has no cells")
			}
			l.readEntry(table.format, table.columns, models.ImportLine{Number: rec.line, Cells: rec.cells})
		}
	})
}
