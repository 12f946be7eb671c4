package transfer

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"bookplate/library/plaintext"
	"bookplate/models"
)

// The fields that columns are read into. Most are fields of the API.
const (
	fieldTitle        = "title"
	fieldSubtitle     = "subtitle"
	fieldAuthors      = "authors"
	fieldMoreAuthors  = "more_authors"
	fieldISBN         = "isbn"
	fieldPublisher    = "publisher"
	fieldPublished    = "published"
	fieldLanguage     = "language"
	fieldPages        = "pages"
	fieldSeries       = "series"
	fieldSeriesNumber = "series_number"
	fieldTags         = "tags"
	fieldLocation     = "location"
	fieldCopies       = "copies"
	fieldDescription  = "description"
	fieldCategory     = "category"
	fieldStatus       = "status"
	fieldRating       = "rating"
	fieldStarted      = "started"
	fieldFinished     = "finished"
	fieldReads        = "reads"
	fieldReview       = "review"
	fieldShelves      = "shelves"
	fieldLentTo       = "lent_to"
	fieldLentAt       = "lent_at"
	fieldReturned     = "returned"
	fieldKind         = "item_type"         // lines of items other than books are skipped
	fieldDeleted      = "deleted"           // lines in a program's trash are skipped
	fieldIsRead       = "is_read"           // 1 if the book was read
	fieldIsReading    = "currently_reading" // true if the book is being read
	fieldDropped      = "dropped"           // the day on which the book was abandoned
)

// entry is a line of a file, converted to the library's types.
type entry struct {
	models.ImportLine
	Book    models.BookUpdate
	Reading models.ReadingUpdate
	Shelves []string
	LentTo  string // empty if the book is not lent
	LentAt  models.Date

	format   *format
	started  models.Date
	finished models.Date
	returned bool
	badISBN  error

	skip  string   // the reason to skip the line, or empty
	fail  string   // the reason why the line fails, or empty
	notes []string // the omitted values, with the reasons
}

const noTitle = "the line has no title"

// leave notes that the value of a field is omitted.
func (e *entry) leave(field string, err error) {
	if err != nil {
		e.notes = append(e.notes, field+" left out: "+err.Error())
	}
}

// fieldReaders maps each field to the function that reads a text into it. The text is not empty.
var fieldReaders = map[string]func(e *entry, text string){
	fieldTitle:     func(e *entry, text string) { e.Book.Title = cmp.Or(e.Book.Title, new(oneLine(text))) },
	fieldSubtitle:  func(e *entry, text string) { e.Book.Subtitle = new(oneLine(text)) },
	fieldPublisher: func(e *entry, text string) { e.Book.Publisher = new(oneLine(text)) },
	fieldLocation:  func(e *entry, text string) { e.Book.Location = new(oneLine(text)) },
	fieldCategory:  func(e *entry, text string) { e.Book.Category = &text },
	fieldAuthors:   func(e *entry, text string) { e.addAuthors(text, false) },
	fieldMoreAuthors: func(e *entry, text string) {
		e.addAuthors(text, true)
	},
	fieldISBN: func(e *entry, text string) {
		isbn, err := parseISBN(text)
		if e.badISBN = cmp.Or(e.badISBN, err); isbn != "" {
			e.Book.ISBN = cmp.Or(e.Book.ISBN, &isbn)
		}
	},
	fieldPublished: func(e *entry, text string) {
		published, err := parsePublished(text)
		if e.leave(fieldPublished, err); published != "" {
			e.Book.Published = &published
		}
	},
	fieldLanguage: func(e *entry, text string) {
		first, _, _ := strings.Cut(strings.ToLower(text), ",")
		first = strings.TrimSpace(first)
		e.Book.Language = new(cmp.Or(languages[first], first))
	},
	fieldPages:  func(e *entry, text string) { e.Book.Pages = e.number(fieldPages, text) },
	fieldCopies: func(e *entry, text string) { e.Book.Copies = e.number(fieldCopies, text) },
	fieldSeries: func(e *entry, text string) {
		if !e.format.own {
			text, _, _ = strings.Cut(text, "|")
			if m := namedSeries.FindStringSubmatch(oneLine(text)); m != nil {
				number, _ := strconv.ParseFloat(m[2], 64)
				text, e.Book.SeriesNumber = m[1], cmp.Or(e.Book.SeriesNumber, &number)
			}
		}
		e.Book.Series = new(oneLine(text))
	},
	fieldSeriesNumber: func(e *entry, text string) {
		if number, err := strconv.ParseFloat(text, 64); err == nil && number > 0 {
			e.Book.SeriesNumber = &number
		}
	},
	fieldTags:        func(e *entry, text string) { e.addTags(text) },
	fieldDescription: func(e *entry, text string) { e.Book.Description = new(e.text(text)) },
	fieldStatus: func(e *entry, text string) {
		if status := parseStatus(text); status != "" {
			e.Reading.Status = &status
		} else if e.format == &goodreads {
			e.addShelf(text)
		}
	},
	fieldRating: func(e *entry, text string) {
		rating, err := parseRating(text, e.format)
		if e.leave(fieldRating, err); rating > 0 {
			e.Reading.Rating = &rating
		}
	},
	fieldStarted:  func(e *entry, text string) { e.started = e.day(fieldStarted, text) },
	fieldFinished: func(e *entry, text string) { e.finished = e.day(fieldFinished, text) },
	fieldReads: func(e *entry, text string) {
		reads, err := parseReads(text)
		if e.leave(fieldReads, err); reads != nil {
			e.Reading.Reads = &reads
		}
	},
	fieldReview: func(e *entry, text string) {
		review := models.Review(e.text(text))
		if e.Reading.Review != nil {
			review = *e.Reading.Review + "\n\n" + review
		}
		e.Reading.Review = &review
	},
	fieldShelves:  func(e *entry, text string) { e.addShelves(text) },
	fieldLentTo:   func(e *entry, text string) { e.LentTo = oneLine(text) },
	fieldLentAt:   func(e *entry, text string) { e.LentAt = e.day(fieldLentAt, text) },
	fieldReturned: func(e *entry, _ string) { e.returned = true },
	fieldKind: func(e *entry, text string) {
		if !strings.EqualFold(text, "book") {
			e.skip = "it is not a book: " + text
		}
	},
	fieldDeleted: func(e *entry, text string) {
		if isTrue(text) {
			e.skip = "it is in the trash"
		}
	},
	fieldIsRead:    func(e *entry, text string) { e.setStatus(isTrue(text), models.StatusRead) },
	fieldIsReading: func(e *entry, text string) { e.setStatus(isTrue(text), models.StatusReading) },
	fieldDropped:   func(e *entry, _ string) { e.setStatus(true, models.StatusAbandoned) },
	"":             func(*entry, string) {},
}

// fieldNames returns the names of all fields. It omits the first key, which is empty.
func fieldNames() []string { return slices.Sorted(maps.Keys(fieldReaders))[1:] }

func isTrue(text string) bool {
	yes, err := strconv.ParseBool(strings.ToLower(text))
	return err == nil && yes
}

func (e *entry) setStatus(holds bool, status models.ReadingStatus) {
	if holds && e.Reading.Status == nil {
		e.Reading.Status = &status
	}
}

// text returns a text of several lines, without the HTML that other programs write.
func (e *entry) text(text string) string {
	if e.format.own {
		return text
	}
	return plaintext.Of(text)
}

func (e *entry) day(field, text string) models.Date {
	day, err := parseDay(text)
	e.leave(field, err)
	return day
}

// number reads a whole number. Zero means unknown.
func (e *entry) number(field, text string) *int {
	n, err := strconv.ParseFloat(strings.ReplaceAll(text, ",", ""), 64)
	if err != nil || n != float64(int(n)) {
		e.notes = append(e.notes, field+" left out: "+text+" is not a whole number")
		return nil
	}
	if n == 0 {
		return nil
	}
	return new(int(n))
}

// addAuthors adds the names in a list that the book does not have yet. Main authors come first, in any order of the
// columns.
func (e *entry) addAuthors(text string, more bool) {
	names := splitNames(text, e.format)
	var has []string
	if e.Book.Authors != nil {
		has = *e.Book.Authors
	}
	if !more {
		names, has = has, names
	}
	all := slices.Clone(has)
	for _, name := range names {
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	e.Book.Authors = &all
}

// maxTag is the maximum length of a tag, in characters.
const maxTag = 50

func (e *entry) addTags(text string) {
	var tags []string
	if e.Book.Tags != nil {
		tags = *e.Book.Tags
	}
	for _, tag := range splitList(text, e.format) {
		if len([]rune(tag)) > maxTag {
			e.notes = append(e.notes, "tag left out: it has more than 50 characters")
			continue
		}
		tags = append(tags, tag)
	}
	e.Book.Tags = &tags
}

// addShelves adds the shelves in a list. A shelf whose name is a status sets the status, unless another column does.
func (e *entry) addShelves(text string) {
	for _, item := range splitList(text, e.format) {
		if status := parseStatus(item); status != "" && !e.format.own {
			e.setStatus(true, status)
		} else if !strings.EqualFold(item, "your library") {
			e.addShelf(item)
		}
	}
}

func (e *entry) addShelf(text string) {
	switch name := shelfName(text); {
	case name == "":
		e.notes = append(e.notes, "shelf left out: "+text+" has no letters")
	case !slices.Contains(e.Shelves, name):
		e.Shelves = append(e.Shelves, name)
	}
}

// readEntry reads a line with these columns.
func (l *Imports) readEntry(f *format, columns []models.ImportColumn, line models.ImportLine) *entry {
	e := &entry{ImportLine: line, format: f}
	empty := true
	for i, cell := range line.Cells {
		text := f.textOf(cell)
		empty = empty && text == ""
		if i < len(columns) && text != "" {
			fieldReaders[columns[i].Field](e, text)
		}
	}
	e.complete()
	l.check(e)
	switch {
	case empty:
		e.skip = "the line is empty"
	case e.fail == "" && e.Book.Title == nil && e.Book.ISBN == nil:
		e.fail = noTitle
	}
	return e
}

// complete derives missing fields from others.
func (e *entry) complete() {
	if e.Book.Title != nil && e.Book.Series == nil && !e.format.own {
		if title, series, number := splitSeries(*e.Book.Title); series != "" {
			e.Book.Title, e.Book.Series, e.Book.SeriesNumber = &title, &series, &number
		}
	}
	if e.Book.Series == nil {
		e.Book.SeriesNumber = nil
	}
	if e.Book.ISBN == nil {
		e.leave(fieldISBN, e.badISBN)
	}
	if e.Reading.Reads == nil && (e.started != 0 || e.finished != 0) {
		e.Reading.Reads = &models.Reads{{Started: e.started, Finished: e.finished}}
	}
	switch {
	case e.Reading.Status != nil:
	case e.finished != 0, e.Reading.Reads != nil && e.Reading.Reads.Finished() != 0:
		e.setStatus(true, models.StatusRead)
	case e.started != 0:
		e.setStatus(true, models.StatusReading)
	default:
		e.setStatus(e.Reading.Rating != nil || e.Reading.Review != nil, models.StatusRead)
	}
	if e.returned {
		e.LentTo = ""
	}
}

// check omits invalid values. A line with an invalid title fails.
func (l *Imports) check(e *entry) {
	wrong := models.Fields{}
	e.Book.Check(l.Categories, func(name string, reason error) {
		if reason != nil {
			wrong[name] = reason.Error()
		}
	})
	e.Reading.Check(func(name string, reason error) {
		if reason != nil {
			wrong[name] = reason.Error()
		}
	})
	if wrong[fieldTitle] != "" {
		e.fail = "title " + wrong[fieldTitle]
		e.Book.Title = nil
		delete(wrong, fieldTitle)
	}
	for _, name := range slices.Sorted(maps.Keys(wrong)) {
		e.notes = append(e.notes, name+" left out: "+wrong[name])
		switch name {
		case fieldReads:
			e.Reading.Reads = nil
		case fieldReview:
			e.Reading.Review = nil
		default:
			e.Book.Omit(name)
		}
	}
	if e.LentTo != "" {
		if err := models.CheckBorrower(e.LentTo); err != nil {
			e.leave(fieldLentTo, err)
			e.LentTo = ""
		}
	}
}
