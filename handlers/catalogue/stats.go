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

// statsView has a user's reading statistics of a year, as clients see them.
type statsView struct {
	Year    int          `json:"year"`
	Books   int          `json:"books"` // how many reads ended in the year
	Goal    models.Goal  `json:"goal"`
	Months  [12]int      `json:"months"` // how many reads ended in each month
	Ratings []ratingView `json:"ratings"`
	Years   []yearView   `json:"years"`  // how many reads ended in each year
	Streak  int          `json:"streak"` // in months
}

type ratingView struct {
	Rating models.Rating `json:"rating"`
	Books  int           `json:"books"`
}

type yearView struct {
	Year  int `json:"year"`
	Books int `json:"books"`
}

// Stats shows the caller's reading statistics of a year.
func (h *Handlers) Stats(c *gin.Context) error {
	now := h.Readings.Now()
	v := statsView{Year: now.Year(), Ratings: []ratingView{}, Years: []yearView{}}
	if year, found := c.GetQuery("year"); found {
		var err error
		if v.Year, err = parseYear(year); err != nil {
			return models.InvalidField("year", err)
		}
	}
	stats, err := h.Readings.Stats(c.Request.Context(), middleware.UserOf(c), v.Year)
	if err != nil {
		return err
	}
	years := stats.Years()
	v.Books, v.Goal, v.Streak = years[v.Year], stats.Goal, stats.Streak(models.MonthOf(now))
	for month := range v.Months {
		v.Months[month] = stats.Finished[models.Month(v.Year*100+month+1)]
	}
	for _, rating := range slices.Sorted(maps.Keys(stats.Ratings)) {
		v.Ratings = append(v.Ratings, ratingView{rating, stats.Ratings[rating]})
	}
	for _, year := range slices.Sorted(maps.Keys(years)) {
		v.Years = append(v.Years, yearView{year, years[year]})
	}
	web.Respond(c, http.StatusOK, "successfully retrieved your statistics", v)
	return nil
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
