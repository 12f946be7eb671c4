// Package isbn looks up books by ISBN at public sources. It does not depend on the HTTP handlers of this server.
//
// The sources are asked in the order that the operator has set. Each field comes from the first source that has it.
// Answers are stored, so no source is asked again about an ISBN before its answer expires. All servers together obey
// the rate limits of the sources.
package isbn

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"bookplate/models"
	"bookplate/throttle"
)

const (
	knownFor   = 30 * 24 * time.Hour // how long a source's record of a book is stored
	unknownFor = 24 * time.Hour      // how long the answer "unknown ISBN" is stored
)

// coverName is the name of the cover in lists of field names.
const coverName = "cover"

// wanted are the fields that a look-up should find. The next source is asked only if one of them is missing.
var wanted = []string{"title", "authors", "description", "publisher", "published", "language", "pages", coverName}

// Options are the settings and the dependencies of a Finder.
type Options struct {
	Sources []string // names of models.MetadataSources in the order to ask them; none turns look-up off
	Contact string   // the operator's address or URL, which is sent to the sources; may be empty
	Version string   // the version of the server
	Answers models.SourceAnswers
	Tallies models.Throttles
	Network Network
	Now     func() time.Time
	Log     *slog.Logger
}

// Finder looks up books by ISBN. It is safe for concurrent use.
type Finder struct {
	sources []*fetcher
	answers models.SourceAnswers
	now     func() time.Time
	log     *slog.Logger
}

// New returns a Finder.
func New(o Options) *Finder {
	f := &Finder{answers: o.Answers, now: o.Now, log: o.Log}
	for _, name := range o.Sources {
		f.sources = append(f.sources, newFetcher(sources[name], o))
	}
	return f
}

// sources has every source by its name.
var sources = map[string]source{
	models.OpenLibrary: openLibrary,
	models.GoogleBooks: googleBooks,
	models.DNB:         dnb,
	models.BnF:         bnf,
}

// source is a service that looks up books by ISBN and by words.
type source struct {
	name  string         // the name in the settings
	title string         // the name for people
	hosts []string       // requests go only to these hosts; a leading dot stands for all subdomains
	limit throttle.Limit // the rate limit of requests to the source

	// find asks the source for a book by its ISBN. The error is errUnknown if the source does not know the ISBN.
	find func(ctx context.Context, f *fetcher, isbn string) (answer, error)

	// search asks the source for at most maxResults books with these words.
	search func(ctx context.Context, f *fetcher, words []string) ([]answer, error)
}

// errUnknown is returned if a source does not have the requested ISBN or picture.
var errUnknown = errors.New("the source has no such record")

// record is a source's checked data about a book.
type record struct {
	Fields models.BookUpdate // always has a title
	Cover  string            // a URL; may be empty
}

// Found is the combined data of all sources about a book.
type Found struct {
	Fields     models.BookUpdate // valid, so they can be stored unchanged
	Sources    map[string]string // maps each field, and the cover, to the name of its source
	CoverURL   string            // empty if no source has a cover
	OutOfReach []string          // the names of the sources that could not be asked
	covers     []cover           // in the order of the sources
}

type cover struct {
	source *fetcher
	url    string
}

// What clients can do without the sources.
const (
	addByHand    = "add the book with its title"
	uploadByHand = "upload a picture with PUT /books/<id>/cover"
)

// errOff is returned if the operator has set no sources.
var errOff = &models.Error{
	Code: models.Forbidden, Name: "lookup_off",
	Detail: "ISBN look-up is off on this server (METADATA_SOURCES is empty): " + addByHand,
}

// errUnknownISBN is returned if no source knows an ISBN.
var errUnknownISBN = &models.Error{
	Code: models.NotFound, Name: "isbn_unknown", Message: "Book not found",
	Detail: "no source knows this ISBN: check it, or " + addByHand,
}

// errCoverOff is errOff for a cover.
var errCoverOff = &models.Error{
	Code: models.Forbidden, Name: "lookup_off",
	Detail: "ISBN look-up is off on this server (METADATA_SOURCES is empty): " + uploadByHand,
}

// ErrUnknownCover is returned if no source has a cover for an ISBN.
var ErrUnknownCover = &models.Error{
	Code: models.NotFound, Name: "cover_unknown", Message: "Cover not found",
	Detail: "no source has a cover for this ISBN: check the ISBN, or " + uploadByHand,
}

// On reports whether look-up is on, that is, whether there are sources.
func (f *Finder) On() bool { return len(f.sources) > 0 }

// Find looks up an ISBN of 13 digits. The error is NotFound if no source has the ISBN, Unavailable if no source has it
// but some could not be asked, and Forbidden if look-up is off.
func (f *Finder) Find(ctx context.Context, isbn string) (Found, error) {
	if !f.On() {
		return Found{}, errOff
	}
	found := Found{Sources: map[string]string{}}
	var outages []*outage
	for _, source := range f.sources {
		rec, err := f.ask(ctx, source, isbn)
		switch out, isOutage := errors.AsType[*outage](err); {
		case isOutage:
			outages = append(outages, out)
			found.OutOfReach = append(found.OutOfReach, source.name)
		case err == nil:
			found.add(source, rec)
		case !errors.Is(err, errUnknown):
			return Found{}, err
		}
		if found.complete() {
			break
		}
	}
	switch {
	case len(found.Sources) > 0:
		return found, nil
	case len(outages) > 0:
		return Found{}, unreachable(outages, addByHand)
	}
	return Found{}, errUnknownISBN
}

// add adds a source's cover, and those fields of its record that are still missing.
func (found *Found) add(source *fetcher, rec record) {
	for _, name := range found.Fields.Fill(rec.Fields) {
		found.Sources[name] = source.name
	}
	if rec.Cover == "" {
		return
	}
	if len(found.covers) == 0 {
		found.CoverURL, found.Sources[coverName] = rec.Cover, source.name
	}
	found.covers = append(found.covers, cover{source, rec.Cover})
}

func (found *Found) complete() bool {
	return !slices.ContainsFunc(wanted, func(name string) bool { return found.Sources[name] == "" })
}

// ask returns a source's record of an ISBN. It sends no request if an answer is stored and has not expired. The error
// is errUnknown if the source does not have the ISBN, and an *outage if the source cannot be asked.
func (f *Finder) ask(ctx context.Context, source *fetcher, isbn string) (record, error) {
	stored, err := f.answers.Get(ctx, source.name, isbn)
	if err != nil && models.CodeOf(err) != models.NotFound {
		return record{}, err
	}
	if err == nil && stored.ExpiresAt.After(f.now()) {
		if rec, err := decode(stored); err == nil || errors.Is(err, errUnknown) {
			return rec, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, source.network.Timeout)
	defer cancel()
	found, err := source.find(ctx, source, isbn)
	rec := record{}
	if err == nil {
		rec, err = found.record(isbn)
	}
	if err != nil && !errors.Is(err, errUnknown) {
		return record{}, err
	}
	f.store(ctx, source.name, isbn, rec, err == nil)
	return rec, err
}

// store stores the answer of a source. It logs a failure and returns no error; the next look-up asks the source again.
func (f *Finder) store(ctx context.Context, source, isbn string, rec record, known bool) {
	a := models.SourceAnswer{Source: source, ISBN: isbn, ExpiresAt: f.now().Add(unknownFor)}
	var err error
	if known {
		a.ExpiresAt = f.now().Add(knownFor)
		a.Record, err = encode(rec)
	}
	if err == nil {
		err = f.answers.Put(context.WithoutCancel(ctx), a)
	}
	if err != nil {
		f.log.Warn("cannot store the answer of a source", "source", source, "error", err)
	}
}

func encode(rec record) (string, error) {
	text, err := json.Marshal(map[string]any{"fields": maps.Collect(rec.Fields.Changes()), "cover": rec.Cover})
	return string(text), err
}

// decode returns the record in a stored answer, or errUnknown if the source did not have the ISBN.
func decode(a models.SourceAnswer) (rec record, err error) {
	if a.Record == "" {
		return record{}, errUnknown
	}
	return rec, json.Unmarshal([]byte(a.Record), &rec)
}

// Cover fetches the cover of a book that Find returned. It returns nil if there is no cover or none can be fetched,
// because a book can be added without its cover. The caller closes and removes the file. Except on Windows, Cover has
// already removed the file from its folder.
func (f *Finder) Cover(ctx context.Context, found Found) *os.File {
	for _, c := range found.covers {
		file, err := c.source.picture(ctx, c.url)
		if err == nil {
			return file
		}
		if !errors.Is(err, errUnknown) {
			f.log.Warn("cannot fetch a cover", "source", c.source.name, "error", err)
		}
	}
	return nil
}

// FindCover looks up the cover of the book with an ISBN of 13 digits, at one source after the other. The caller closes and
// removes the file, as that of Cover. The error is NotFound if no source has a cover, Unavailable if none has but some could
// not be asked, and Forbidden if look-up is off.
func (f *Finder) FindCover(ctx context.Context, isbn string) (*os.File, error) {
	if !f.On() {
		return nil, errCoverOff
	}
	var outages []*outage
	for _, source := range f.sources {
		file, err := f.coverFrom(ctx, source, isbn)
		switch out, isOutage := errors.AsType[*outage](err); {
		case isOutage:
			outages = append(outages, out)
		case !errors.Is(err, errUnknown):
			return file, err
		}
	}
	if len(outages) > 0 {
		return nil, unreachable(outages, uploadByHand)
	}
	return nil, ErrUnknownCover
}

// coverFrom fetches the cover that a source has for an ISBN. The errors are those of ask; errUnknown also means that the
// source has the book without a cover.
func (f *Finder) coverFrom(ctx context.Context, source *fetcher, isbn string) (*os.File, error) {
	rec, err := f.ask(ctx, source, isbn)
	if err == nil && rec.Cover == "" {
		err = errUnknown
	}
	if err != nil {
		return nil, err
	}
	return source.picture(ctx, rec.Cover)
}

// unreachable returns the error for a look-up that found nothing because of outages. It lists the reason of each, and says
// what to do instead.
func unreachable(outages []*outage, instead string) error {
	var reasons []string
	var causes []error
	wait := outages[0].wait
	for _, out := range outages {
		reasons = append(reasons, out.source+" "+out.reason)
		causes = append(causes, out)
		wait = min(wait, out.wait)
	}
	return &models.Error{
		Code: models.Unavailable, Name: "sources_out_of_reach",
		Detail:     strings.Join(reasons, "; ") + ": try again later, or " + instead,
		RetryAfter: wait, Err: errors.Join(causes...),
	}
}

// Network sends the requests to the sources.
type Network struct {
	Transport http.RoundTripper
	Timeout   time.Duration                                    // limits the time of a source's answer about a book
	Wait      func(ctx context.Context, d time.Duration) error // returns after d, or returns an error when ctx ends
}
