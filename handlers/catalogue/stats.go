package catalogue

import (
	"maps"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"bookplate/handlers/web"
	"bookplate/middleware"
	"bookplate/models"
)

// statsView are the statistics of a year as clients see them. The totals and the months count each time that the user
// finished a book. The lists count each book once.
type statsView struct {
	Year int `json:"year"`
	models.ReadCount
	Goal       models.Goal          `json:"goal"`
	Months     [12]models.ReadCount `json:"months"`
	Ratings    []ratingView         `json:"ratings"`
	Categories []models.NameCount   `json:"categories"`
	Languages  []models.NameCount   `json:"languages"`
	Authors    []models.NameCount   `json:"authors"`
	Longest    *models.BookLength   `json:"longest"`
	Shortest   *models.BookLength   `json:"shortest"`
	Years      []yearView           `json:"years"`  // all years
	Streak     int                  `json:"streak"` // in months
}

type ratingView struct {
	Rating models.Rating `json:"rating"`
	Books  int           `json:"books"`
}

type yearView struct {
	Year int `json:"year"`
	models.ReadCount
}

// Stats shows the caller's reading statistics of a year.
func (h *Handlers) Stats(c *gin.Context) error {
	now := h.Readings.Now()
	year := now.Year()
	if text, found := c.GetQuery("year"); found {
		var err error
		if year, err = parseYear(text); err != nil {
			return models.InvalidField("year", err)
		}
	}
	stats, err := h.Readings.Stats(c.Request.Context(), middleware.UserOf(c), year)
	if err != nil {
		return err
	}
	web.Respond(c, http.StatusOK, "successfully retrieved your statistics", viewStats(stats, year, models.MonthOf(now)))
	return nil
}

// viewStats returns the statistics of a year as clients see them. The argument this is the current month.
func viewStats(stats models.ReadingStats, year int, this models.Month) statsView {
	years := stats.Years()
	v := statsView{
		Year: year, ReadCount: years[year], Goal: stats.Goal, Ratings: []ratingView{}, Categories: orEmpty(stats.Categories),
		Languages: orEmpty(stats.Languages), Authors: orEmpty(stats.Authors), Longest: stats.Longest, Shortest: stats.Shortest,
		Years: []yearView{}, Streak: stats.Streak(this),
	}
	for month := range v.Months {
		v.Months[month] = stats.Finished[models.Month(year*100+month+1)]
	}
	for _, rating := range slices.Sorted(maps.Keys(stats.Ratings)) {
		v.Ratings = append(v.Ratings, ratingView{rating, stats.Ratings[rating]})
	}
	for _, y := range slices.Sorted(maps.Keys(years)) {
		v.Years = append(v.Years, yearView{y, years[y]})
	}
	return v
}

// orEmpty replaces a nil list with an empty one, which JSON shows as [] instead of null.
func orEmpty(counts []models.NameCount) []models.NameCount {
	return append([]models.NameCount{}, counts...)
}

// goalView is a goal, how many books a user wants to read in a year, as clients see it.
type goalView struct {
	Year  int         `json:"year"`
	Books models.Goal `json:"books"`
}

// PutGoal sets how many books the caller wants to read in a year.
func (h *Handlers) PutGoal(c *gin.Context) error {
	year, err := parseYear(c.Param("year"))
	if err != nil {
		return models.InvalidField("year", err)
	}
	var request struct {
		Books *models.Goal `json:"books"`
	}
	in, err := web.Read(c, &request)
	if err != nil {
		return err
	}
	if request.Books == nil {
		in.Check("books", models.ErrRequired)
	}
	if err := in.Invalid(); err != nil {
		return err
	}
	if err := h.Readings.PutGoal(c.Request.Context(), middleware.UserOf(c), year, *request.Books); err != nil {
		return err
	}
	web.Respond(c, http.StatusOK, "the goal is saved", goalView{year, *request.Books})
	return nil
}
