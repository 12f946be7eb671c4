package storagetest

import (
	"slices"
	"testing"

	"bookplate/models"
)

var auditTests = map[string]func(*testing.T, suite){
	"List returns entries as appended": testAuditRoundtrip,
	"an entry of the command line":     testAuditCommandLine,
	"pages go from newest to oldest":   testAuditPages,
}

func newEntry() models.AuditEntry {
	return models.AuditEntry{
		ID: models.NewID(now), ActorID: models.NewID(now), Action: models.ActionChangeUser, TargetID: models.NewID(now),
		Detail: "role=librarian", At: now, IP: "2001:db8::1",
	}
}

func addEntry(t *testing.T, s suite, e models.AuditEntry) models.AuditEntry {
	t.Helper()
	wantOK(t, s.Audit().Append(t.Context(), e))
	return e
}

func testAuditRoundtrip(t *testing.T, s suite) {
	var want []models.AuditEntry
	for _, text := range hardTexts {
		e := newEntry()
		e.Detail, e.TargetID = text, ""
		want = append(want, addEntry(t, s, e))
	}
	slices.Reverse(want)
	got, err := s.Audit().List(t.Context(), models.AuditFilter{Limit: 100})
	wantOK(t, err)
	wantEqualList(t, got, want)
}

func testAuditCommandLine(t *testing.T, s suite) {
	e := newEntry()
	e.ActorID, e.IP = "", models.FromCommandLine
	addEntry(t, s, e)
	got, err := s.Audit().List(t.Context(), models.AuditFilter{Limit: 100})
	wantOK(t, err)
	wantEqualList(t, got, []models.AuditEntry{e})
}

func testAuditPages(t *testing.T, s suite) {
	want := make([]models.AuditEntry, 7)
	for i := range want {
		want[i] = newEntry()
	}
	for _, i := range []int{3, 0, 6, 1, 5, 2, 4} { // the order of appending differs from the order of ids
		addEntry(t, s, want[i])
	}
	slices.Reverse(want)
	var got []models.AuditEntry
	f := models.AuditFilter{Limit: 3}
	for range 4 {
		page, err := s.Audit().List(t.Context(), f)
		wantOK(t, err)
		if len(page) == 0 {
			break
		}
		got = append(got, page...)
		f.Before = page[len(page)-1].ID
	}
	wantEqualList(t, got, want)
}
