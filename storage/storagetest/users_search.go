package storagetest

import (
	"fmt"
	"testing"

	"bookplate/models"
)

// searchUsers returns the e-mail addresses of all accounts that a search finds, read in pages of limit.
func searchUsers(t *testing.T, s suite, text string, limit int) []string {
	t.Helper()
	var emails []string
	f := models.UserFilter{Text: text, Limit: limit}
	for range maxPages {
		page, err := s.Users().List(t.Context(), f)
		wantOK(t, err)
		for _, u := range page {
			emails = append(emails, u.Email)
			f.After = u.ID
		}
		if len(page) < limit {
			break
		}
	}
	return emails
}

func testUserSearch(t *testing.T, s suite) {
	for i, name := range []string{"Ada Lovelace", "Élodie Durand", "Grace (Hopper)", "100% [a-z]\\d", "Alan Turing"} {
		user := newUser(fmt.Sprintf("Person.%d@example.com", i))
		user.Name, user.Username = name, fmt.Sprintf("Reader_%d", i)
		addUser(t, s, user)
		if i == 4 {
			setActive(t, s, user, false)
		}
	}
	for text, want := range map[string][]string{
		"lovelace":             {"Person.0@example.com"},
		"LOVE":                 {"Person.0@example.com"},
		"élo":                  {"Person.1@example.com"},
		"ÉLODIE":               {"Person.1@example.com"},
		"(h":                   {"Person.2@example.com"},
		"0% [A-Z]\\D":          {"Person.3@example.com"},
		"ing":                  {"Person.4@example.com"},
		"person.3@EXAMPLE.com": {"Person.3@example.com"},
		"READER_2":             {"Person.2@example.com"},
		"person-3":             nil,
		".*":                   nil,
		"A":                    {"Person.0@example.com", "Person.1@example.com", "Person.2@example.com", "Person.3@example.com", "Person.4@example.com"},
	} {
		for _, limit := range []int{1, 2, 10} {
			wantEqualList(t, searchUsers(t, s, text, limit), want)
		}
	}
}
