package demo

import (
	"context"
	"hash/fnv"
	"math/rand/v2"
	"time"

	"bookplate/library"
	"bookplate/models"
)

// newChance returns a random generator. The same purpose gives the same numbers at every start.
func newChance(purpose string) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(purpose))            // never fails
	return rand.New(rand.NewPCG(h.Sum64(), 1)) //nolint:gosec // not a secret, and the same at every start
}

// habit is how often and how much an account reads.
type habit struct {
	pace      int // days from the start of one book to the start of the next
	goal      models.Goal
	now, want int // the number of books that the account is reading, and wants to read
}

// habits are the habits of the members, in their order.
var habits = []habit{{23, 16, 1, 8}, {13, 30, 2, 12}, {9, 40, 3, 16}, {17, 24, 1, 10}}

// The notes on books: praise for good books, doubts about others, and farewells to abandoned ones.
var (
	praise = []models.Review{
		"Read it in two evenings. The last chapter is perfect.",
		"Better than I remembered from school, and funnier.",
		"I marked something on every other page.",
		"For the next time: read it aloud.",
		"Lend this to everybody.",
		"Slow at first. Then I missed my stop.",
		"The translation matters; look for the older one.",
		"Would read again, in winter.",
	}
	doubts = []models.Review{
		"Fine, but fifty pages too long.",
		"I liked the idea more than the book.",
		"The first half is much better than the second.",
		"Good on trains.",
		"Important, they say. Dry, I say.",
	}
	farewells = []models.Review{
		"Gave up halfway. Maybe in ten years.",
		"Not now. The print is too small, too.",
		"I did not care what happens to any of them.",
	}
)

// readings returns the accounts' reading records: books that they want to read, are reading, have read or have abandoned.
func (f *filler) readings() []record {
	var records []record
	for i, account := range f.accounts {
		r := &reader{chance: newChance("readings of " + account.Email), filler: f, user: account.User}
		r.readAll(habits[i])
		records = append(records, r.records...)
	}
	return records
}

// reader makes the reading records of an account.
type reader struct {
	*filler
	user    models.User
	chance  *rand.Rand
	known   map[models.ID]bool // the books that already have a reading
	records []record
}

// readAll makes all reading records of the account, from the beginning to now.
func (r *reader) readAll(h habit) {
	r.known = map[models.ID]bool{}
	pace := time.Duration(h.pace) * day
	for started := r.begin.Add(10 * day); started.Before(r.now.Add(-pace)); started = started.Add(pace) {
		r.read(started, started.Add(pace/3+time.Duration(r.chance.Int64N(int64(pace)))))
	}
	for range h.now {
		started := r.now.Add(-time.Duration(r.chance.IntN(10)+1) * day)
		r.put(r.choose(started), r.now.Add(-time.Duration(r.chance.IntN(20)+1)*time.Hour), models.ReadingUpdate{
			Status: new(models.StatusReading), Reads: &models.Reads{{Started: models.DateOf(started)}},
			Progress: &models.Progress{Unit: models.UnitPercent, Value: 5 + r.chance.IntN(85)},
		})
	}
	for range h.want {
		wished := r.now.Add(-time.Duration(r.chance.IntN(300)+1) * day)
		r.put(r.choose(wished), wished, models.ReadingUpdate{Status: new(models.StatusWant)})
	}
}

// read makes the reading record of a book that the account has finished or abandoned.
func (r *reader) read(started, ended time.Time) {
	ended = earlier(ended, r.now.Add(-day))
	up := models.ReadingUpdate{
		Status: new(models.StatusRead),
		Reads:  &models.Reads{{Started: models.DateOf(started), Finished: models.DateOf(ended)}},
	}
	switch n := r.chance.IntN(20); {
	case n == 0:
		up.Status, up.Reads = new(models.StatusAbandoned), &models.Reads{{Started: models.DateOf(started)}}
		up.Progress = &models.Progress{Unit: models.UnitPercent, Value: 10 + r.chance.IntN(50)}
		up.Review = new(pick(r.chance, farewells))
	case n < 3: // read before the account existed, and again
		first := r.begin.Add(-time.Duration(100+r.chance.IntN(2000)) * day)
		*up.Reads = append(models.Reads{{Started: models.DateOf(first), Finished: models.DateOf(first.Add(12 * day))}}, *up.Reads...)
		up.Rating, up.Review = new(models.Rating(20)), new(pick(r.chance, praise))
	case n < 18: // the others have no rating
		up.Rating, up.Review = r.opinion()
	}
	r.put(r.choose(started), ended, up)
}

// opinion returns a rating from two to five stars, and a note that suits it, or nil for no note.
func (r *reader) opinion() (*models.Rating, *models.Review) {
	const stars = 4
	rating := models.Rating(2*stars + r.chance.IntN(stars)*2 + r.chance.IntN(stars)*2)
	switch {
	case r.chance.IntN(3) > 0:
		return &rating, nil
	case rating < 4*stars:
		return &rating, new(pick(r.chance, doubts))
	}
	return &rating, new(pick(r.chance, praise))
}

// choose returns a book that was in the library at the time t and that has no reading record of the account yet.
func (r *reader) choose(t time.Time) models.Book {
	var choices []models.Book
	for _, b := range r.books {
		if b.CreatedAt.Before(t) && !r.known[b.ID] {
			choices = append(choices, b)
		}
	}
	b := pick(r.chance, choices)
	r.known[b.ID] = true
	return b
}

// put adds a reading record of a book, last changed at the given time.
func (r *reader) put(b models.Book, changed time.Time, up models.ReadingUpdate) {
	r.records = append(r.records, func(ctx context.Context) error {
		_, err := r.readingsAt(changed).Put(ctx, r.user, b, up)
		return err
	})
}

func (f *filler) readingsAt(t time.Time) *library.Readings {
	return &library.Readings{Store: f.Store.Readings(), Users: f.Store.Users(), Books: f.catalogue(t), Now: at(t)}
}

// goals returns records of the accounts' goals: how many books they want to read in each year of the example.
func (f *filler) goals() []record {
	var records []record
	for i, account := range f.accounts {
		for year := f.begin.Year(); year <= f.now.Year(); year++ {
			records = append(records, func(ctx context.Context) error {
				return f.readingsAt(f.now).PutGoal(ctx, account.User, year, habits[i].goal)
			})
		}
	}
	return records
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// pick returns one of the choices.
func pick[T any](chance *rand.Rand, choices []T) T { return choices[chance.IntN(len(choices))] }
