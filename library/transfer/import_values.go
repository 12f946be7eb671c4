package transfer

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"bookplate/models"
)

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// errISBNLost is returned for an ISBN that a spreadsheet has rounded.
var errISBNLost = errors.New("a spreadsheet has rounded it, so it is lost")

var (
	roundedPattern = regexp.MustCompile(`^\d([.,]\d+)?[eE]\+?1\d$`)
	shortPattern   = regexp.MustCompile(`^\d{6,8}[\dxX]$`) // an ISBN-10 without its leading zeros
	listedISBN     = regexp.MustCompile(`[,;|\s]+`)
)

// parseISBN returns the first ISBN in a text. If there is none, the error says why a number in the text is not an ISBN.
// The error is nil if the text has no such number.
func parseISBN(text string) (string, error) {
	if isbn := findISBN(text); isbn != "" {
		return isbn, nil
	}
	digits := strings.Count(strings.Map(onlyDigit, text), "0")
	switch _, err := models.ParseISBN(text); {
	case roundedPattern.MatchString(text):
		return "", fmt.Errorf("%s: %w", text, errISBNLost)
	case digits >= 9 && digits <= 13 && !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) && r != 'x' && r != 'X' }):
		return "", fmt.Errorf("%s %w", text, err)
	}
	return "", nil
}

// onlyDigit maps each digit to 0 and drops other characters.
func onlyDigit(r rune) rune {
	if r >= '0' && r <= '9' {
		return '0'
	}
	return -1
}

// findISBN returns the first ISBN in a text, or an empty string.
func findISBN(text string) string {
	for _, candidate := range append([]string{text}, listedISBN.Split(text, -1)...) {
		candidate = strings.TrimPrefix(strings.Trim(strings.ToUpper(candidate), `[]"'`), "ISBN:")
		if shortPattern.MatchString(candidate) {
			candidate = strings.Repeat("0", 10-len(candidate)) + candidate
		}
		if isbn, err := models.ParseISBN(candidate); err == nil {
			return isbn
		}
	}
	return ""
}

var (
	yearFirst  = regexp.MustCompile(`^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(\D|$)`)
	yearLast   = regexp.MustCompile(`^(\d{1,2})([-/.])(\d{1,2})[-/.](\d{4})$`)
	onlyYear   = regexp.MustCompile(`^(\d{1,4})$`)
	yearMonth  = regexp.MustCompile(`^(\d{4})[-/](\d{1,2})$`)
	wordyDates = []string{"Jan 2, 2006", "January 2, 2006", "2 Jan 2006", "2 January 2006", "Jan 2 2006"}
)

// parseDay parses a day in the usual formats. In a date with slashes and the year last, the month comes first, unless
// there is no such month.
func parseDay(text string) (models.Date, error) {
	if m := yearFirst.FindStringSubmatch(text); m != nil {
		return dayOf(m[1], m[2], m[3])
	}
	if m := yearLast.FindStringSubmatch(text); m != nil {
		month, day := m[1], m[3]
		if n, _ := strconv.Atoi(month); n > 12 || m[2] == "." {
			month, day = day, month
		}
		return dayOf(m[4], month, day)
	}
	for _, layout := range wordyDates {
		if day, err := time.Parse(layout, text); err == nil {
			return models.DateOf(day), nil
		}
	}
	return 0, fmt.Errorf("%s is not a date", text)
}

func dayOf(year, month, day string) (models.Date, error) {
	text := year + "-" + pad(month) + "-" + pad(day)
	date, err := models.ParseDate(text)
	if err != nil {
		return 0, fmt.Errorf("%s does not exist", text)
	}
	return date, nil
}

func pad(number string) string {
	if len(number) == 1 {
		return "0" + number
	}
	return number
}

// noDate is the date that Calibre writes for an unknown date.
const noDate = models.Date(1010101)

// parsePublished returns a date of publication in its stored form: a year, a month or a day. It returns an empty string
// if the text has no year.
func parsePublished(text string) (string, error) {
	if m := onlyYear.FindStringSubmatch(text); m != nil {
		year, _ := strconv.Atoi(m[1])
		if year == 0 {
			return "", nil
		}
		return fmt.Sprintf("%04d", year), nil
	}
	if m := yearMonth.FindStringSubmatch(text); m != nil {
		return m[1] + "-" + pad(m[2]), nil
	}
	day, err := parseDay(text)
	if err != nil || day == noDate {
		return "", err
	}
	return day.String(), nil
}

// parseRating parses a number of stars. Zero means no rating. Ratings of Calibre above 5 count half stars.
func parseRating(text string, f *format) (models.Rating, error) {
	stars, err := strconv.ParseFloat(strings.ReplaceAll(text, ",", "."), 64)
	if f == &calibre && stars > 5 {
		stars /= 2
	}
	if err != nil || stars < 0 || stars > 5 {
		return 0, fmt.Errorf("%s is not a number of stars from 0 to 5", text)
	}
	return models.Rating(stars*4 + 0.5), nil
}

// statuses maps the words of programs to the status of a reading record. A space also stands for a hyphen or an
// underscore.
var statuses = map[string]models.ReadingStatus{
	"want": models.StatusWant, "to read": models.StatusWant, "want to read": models.StatusWant, "planned": models.StatusWant,
	"for later": models.StatusWant, "wishlist": models.StatusWant, "tbr": models.StatusWant,
	"reading": models.StatusReading, "currently reading": models.StatusReading, "in progress": models.StatusReading,
	"read": models.StatusRead, "completed": models.StatusRead, "finished": models.StatusRead,
	"abandoned": models.StatusAbandoned, "did not finish": models.StatusAbandoned, "dnf": models.StatusAbandoned,
	"stopped reading": models.StatusAbandoned, "unfinished": models.StatusAbandoned,
}

func parseStatus(text string) models.ReadingStatus {
	return statuses[strings.ToLower(strings.NewReplacer("-", " ", "_", " ").Replace(text))]
}

var (
	daysPattern = regexp.MustCompile(`\d{4}[-/]\d{1,2}[-/]\d{1,2}`)
	readsSplit  = regexp.MustCompile(`[,;\n]`)
)

// parseReads parses a list of reads such as 2021/05/01-2021/05/10, 2022/01/02-2022/01/05. A single day is the end of a
// read, or its start if a hyphen or a bar follows.
func parseReads(text string) (reads models.Reads, err error) {
	for _, item := range readsSplit.Split(text, -1) {
		var days []models.Date
		for _, found := range daysPattern.FindAllString(item, 2) {
			day, dayErr := parseDay(found)
			if dayErr != nil {
				err = dayErr
				continue
			}
			days = append(days, day)
		}
		switch {
		case len(days) == 2:
			reads = append(reads, models.Read{Started: days[0], Finished: days[1]})
		case len(days) == 1 && strings.ContainsAny(item[len(item)-1:], "-|"):
			reads = append(reads, models.Read{Started: days[0]})
		case len(days) == 1:
			reads = append(reads, models.Read{Finished: days[0]})
		}
	}
	return reads, err
}

// seriesPattern matches a title that ends with its series, such as Dune (Dune, #1). The number may also be #1.5, #1-3,
// Book 2 or Vol. 2.
var seriesPattern = regexp.MustCompile(`^(.*\S)\s*\(([^()]+?),?\s+(?:#|[Bb]ook |[Vv]ol\.? |[Vv]olume )(\d+(?:\.\d+)?)(?:\s*[-–]\s*#?\d+(?:\.\d+)?)?(?:;[^()]*)?\)$`)

func splitSeries(title string) (rest, series string, number float64) {
	m := seriesPattern.FindStringSubmatch(title)
	if m == nil {
		return title, "", 0
	}
	number, _ = strconv.ParseFloat(m[3], 64)
	return m[1], m[2], number
}

// namedSeries matches a series with a number, such as Dune #1 or Dune (1).
var namedSeries = regexp.MustCompile(`^(.*?\S)\s*[,;]?\s*(?:#|\()(\d+(?:\.\d+)?)\)?$`)

// splitAt splits a list at line breaks and at any of the characters in separators. It omits empty items.
func splitAt(text, separators string) (list []string) {
	for _, item := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || strings.ContainsRune(separators, r) }) {
		if item = oneLine(item); item != "" {
			list = append(list, item)
		}
	}
	return list
}

// splitList splits a list at the separators of the format. If the format has none, it splits at bars and semicolons, or
// else at commas.
func splitList(text string, f *format) []string {
	switch {
	case f.separators != "":
		return splitAt(text, f.separators)
	case strings.ContainsAny(text, "|;\n"):
		return splitAt(text, "|;")
	}
	return splitAt(text, ",")
}

// splitNames splits a list of names at the separators of the format. If the format has none, it splits at semicolons,
// bars and ampersands. It also splits at commas if all parts have at least two words.
func splitNames(text string, f *format) (names []string) {
	if f.separators != "" {
		return splitAt(text, f.separators)
	}
	parts := splitAt(strings.ReplaceAll(text, " & ", ";"), ";|")
	if byComma := splitAt(text, ","); len(parts) == 1 && !f.lastFirst && fullNames(byComma) {
		parts = byComma
	}
	for _, part := range parts {
		names = append(names, firstLast(part))
	}
	return names
}

func fullNames(names []string) bool {
	for _, name := range names {
		if len(strings.Fields(name)) < 2 {
			return false
		}
	}
	return true
}

// firstLast returns "Jane Austen" for "Austen, Jane".
func firstLast(name string) string {
	last, first, found := strings.Cut(name, ",")
	if !found || strings.Contains(first, ",") {
		return name
	}
	return strings.TrimSpace(first) + " " + strings.TrimSpace(last)
}

// maxShelfName is the maximum length of a shelf's name in models.ShelfName.
const maxShelfName = 50

// shelfName returns the name of a shelf with hyphens instead of invalid characters. It returns an empty string if no
// valid character is left.
func shelfName(text string) string {
	words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' })
	runes := []rune(strings.Join(words, "-"))
	name, err := models.ShelfName(string(runes[:min(len(runes), maxShelfName)]))
	if err != nil {
		return ""
	}
	return name
}

// languages maps English names of languages, as LibraryThing writes them, to tags.
var languages = map[string]string{
	"english": "en", "german": "de", "french": "fr", "spanish": "es", "italian": "it", "portuguese": "pt", "dutch": "nl",
	"russian": "ru", "polish": "pl", "swedish": "sv", "danish": "da", "norwegian": "no", "finnish": "fi", "turkish": "tr",
	"greek": "el", "latin": "la", "hebrew": "he", "arabic": "ar", "persian": "fa", "hindi": "hi", "chinese": "zh",
	"japanese": "ja", "korean": "ko", "czech": "cs", "hungarian": "hu", "romanian": "ro", "ukrainian": "uk", "catalan": "ca",
}
