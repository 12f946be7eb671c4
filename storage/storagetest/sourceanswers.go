package storagetest

import (
	"fmt"
	"testing"
	"time"

	"bookplate/models"
)

var sourceAnswerTests = map[string]func(*testing.T, suite){
	"Get returns the answer of a source about an ISBN": testSourceAnswer,
	"a new answer replaces the earlier one":            testSourceAnswerReplaced,
	"one of 20 concurrent answers is kept":             testSourceAnswerRace,
	"expired answers are deleted":                      testSourceAnswerDeleteExpired,
	"records are stored unchanged":                     testSourceAnswerTexts,
}

const someISBN = "9780141439518"

func newSourceAnswer() models.SourceAnswer {
	return models.SourceAnswer{Source: models.OpenLibrary, ISBN: someISBN, Record: `{"title":"Emma"}`, ExpiresAt: later}
}

func putSourceAnswer(t *testing.T, s suite, a models.SourceAnswer) models.SourceAnswer {
	t.Helper()
	wantOK(t, s.SourceAnswers().Put(t.Context(), a))
	return a
}

func wantSourceAnswer(t *testing.T, s suite, want models.SourceAnswer) {
	t.Helper()
	got, err := s.SourceAnswers().Get(t.Context(), want.Source, want.ISBN)
	wantOK(t, err)
	wantEqual(t, got, want)
}

func testSourceAnswer(t *testing.T, s suite) {
	known := putSourceAnswer(t, s, newSourceAnswer())
	unknown := known
	unknown.Source, unknown.Record, unknown.ExpiresAt = models.GoogleBooks, "", now
	putSourceAnswer(t, s, unknown)
	wantSourceAnswer(t, s, known)
	wantSourceAnswer(t, s, unknown)
	for _, other := range [][2]string{{models.DNB, someISBN}, {models.OpenLibrary, "9780141439976"}} {
		_, err := s.SourceAnswers().Get(t.Context(), other[0], other[1])
		wantCode(t, err, models.NotFound)
	}
}

func testSourceAnswerReplaced(t *testing.T, s suite) {
	a := putSourceAnswer(t, s, newSourceAnswer())
	a.Record, a.ExpiresAt = "", later.Add(time.Hour)
	wantSourceAnswer(t, s, putSourceAnswer(t, s, a))
}

func testSourceAnswerRace(t *testing.T, s suite) {
	for _, err := range concurrently(20, func(i int) error {
		a := newSourceAnswer()
		a.Record = fmt.Sprint(i)
		return s.SourceAnswers().Put(t.Context(), a)
	}) {
		wantOK(t, err)
	}
	_, err := s.SourceAnswers().Get(t.Context(), models.OpenLibrary, someISBN)
	wantOK(t, err)
	n, err := s.SourceAnswers().DeleteExpired(t.Context(), later.Add(time.Hour))
	wantOK(t, err)
	wantEqual(t, n, 1)
}

func testSourceAnswerDeleteExpired(t *testing.T, s suite) {
	var answers []models.SourceAnswer
	for i, source := range models.MetadataSources {
		a := newSourceAnswer()
		a.Source, a.ExpiresAt = source, now.Add(time.Duration(i)*time.Millisecond)
		answers = append(answers, putSourceAnswer(t, s, a))
	}
	for _, want := range []int64{2, 0} {
		n, err := s.SourceAnswers().DeleteExpired(t.Context(), now.Add(2*time.Millisecond))
		wantOK(t, err)
		wantEqual(t, n, want)
	}
	for _, a := range answers[:2] {
		_, err := s.SourceAnswers().Get(t.Context(), a.Source, a.ISBN)
		wantCode(t, err, models.NotFound)
	}
	for _, a := range answers[2:] {
		wantSourceAnswer(t, s, a)
	}
}

func testSourceAnswerTexts(t *testing.T, s suite) {
	for _, text := range hardTexts {
		a := newSourceAnswer()
		a.Record = text
		wantSourceAnswer(t, s, putSourceAnswer(t, s, a))
	}
}
