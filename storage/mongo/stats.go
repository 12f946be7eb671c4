package mongo

import (
	"cmp"
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"bookplate/models"
)

// The limits of Stats.
const (
	statsBatch = 100 // the readings read at a time

	// maxNames is the largest number of different authors, or languages, that are counted. Nobody reads books of more authors
	// in a year.
	maxNames = 10_000
)

// Stats reads the reading records of finished books together with these books, one batch after another, and keeps only
// counts. The database could join them by $lookup, but not every server with MongoDB's protocol has it.
func (s readings) Stats(ctx context.Context, f models.StatsFilter) (models.ReadingStats, error) {
	goal, err := s.goal(ctx, f.UserID, f.Year)
	if err != nil {
		return models.ReadingStats{}, err
	}
	count := newStatsCount(f)
	page := models.ReadingFilter{UserID: f.UserID, Sort: models.SortFinishedDesc, Limit: statsBatch}
	for {
		books, err := s.list(ctx, page, bson.M{"description": 0})
		if err != nil {
			return models.ReadingStats{}, err
		}
		for _, b := range books {
			count.add(b)
		}
		// The list ends with the reading records of books that were never finished.
		if len(books) < statsBatch || books[statsBatch-1].Reading.Reads.Finished() == 0 {
			stats := count.result()
			stats.Goal = goal
			return stats, nil
		}
		page.After = new(page.Sort.Cursor(*books[statsBatch-1].Reading))
	}
}

// goal returns the goal of a user for a year, or zero.
func (s readings) goal(ctx context.Context, userID models.ID, year int) (models.Goal, error) {
	var goal struct{ Books models.Goal }
	err := s.do(func() error { return s.goals.FindOne(ctx, bson.M{"_id": goalID(userID, year)}).Decode(&goal) })
	if models.CodeOf(err) == models.NotFound {
		return 0, nil
	}
	return goal.Books, err
}

// statsCount computes the statistics. The books are added one by one.
type statsCount struct {
	filter                         models.StatsFilter
	stats                          models.ReadingStats
	categories, languages, authors nameCounts
}

func newStatsCount(f models.StatsFilter) *statsCount {
	return &statsCount{
		filter:     f,
		stats:      models.ReadingStats{Finished: map[models.Month]models.ReadCount{}, Ratings: map[models.Rating]int{}},
		categories: nameCounts{}, languages: nameCounts{}, authors: nameCounts{},
	}
}

// add counts a book by the user's reading record of it.
func (c *statsCount) add(b models.Book) {
	if c.filter.Owner != "" && c.filter.Owner != b.UserID {
		return
	}
	for _, read := range b.Reading.Reads {
		if month := read.Finished.Month(); month != 0 {
			c.stats.Finished[month] = c.stats.Finished[month].Plus(models.ReadCount{Books: 1, Pages: b.Pages})
		}
	}
	if slices.Contains(b.Reading.Reads.Years(), c.filter.Year) {
		c.addOfYear(b)
	}
}

// addOfYear counts a book that the user finished in the year of the statistics.
func (c *statsCount) addOfYear(b models.Book) {
	if b.Reading.Rating > 0 {
		c.stats.Ratings[b.Reading.Rating]++
	}
	c.categories.add(b.Category)
	c.languages.add(b.Language)
	c.authors.add(b.Authors...)
	if b.Pages == 0 {
		return
	}
	length := &models.BookLength{ID: b.ID, Title: b.Title, Pages: b.Pages}
	if l := c.stats.Longest; l == nil || cmp.Or(cmp.Compare(l.Pages, b.Pages), cmp.Compare(b.ID, l.ID)) < 0 {
		c.stats.Longest = length
	}
	if l := c.stats.Shortest; l == nil || cmp.Or(cmp.Compare(b.Pages, l.Pages), cmp.Compare(b.ID, l.ID)) < 0 {
		c.stats.Shortest = length
	}
}

// result returns the statistics without the goal.
func (c *statsCount) result() models.ReadingStats {
	c.stats.Categories, c.stats.Languages, c.stats.Authors = c.categories.largest(), c.languages.largest(), c.authors.largest()
	return c.stats
}

// nameCounts has the number of books for each name, such as that of an author.
type nameCounts map[string]int

// add counts a book for each of its names. It ignores repeated and empty names.
func (c nameCounts) add(names ...string) {
	for i, name := range names {
		if name == "" || slices.Contains(names[:i], name) {
			continue
		}
		if _, known := c[name]; known || len(c) < maxNames {
			c[name]++
		}
	}
}

// largest returns the names with the most books.
func (c nameCounts) largest() []models.NameCount {
	var counts []models.NameCount
	for name, n := range c {
		counts = append(counts, models.NameCount{Name: name, Books: n})
	}
	slices.SortFunc(counts, func(a, b models.NameCount) int {
		return cmp.Or(cmp.Compare(b.Books, a.Books), cmp.Compare(a.Name, b.Name))
	})
	return counts[:min(len(counts), models.MaxNameCounts)]
}
