package mongo

import (
	"reflect"
	"testing"

	"bookplate/models"
)

func TestLegacyLogin(t *testing.T) {
	s, _, _ := openTutorial(t)
	for email, want := range map[string]models.ID{
		"ada@example.com":     modelID(1), // the first of three duplicates
		"ADA@Example.com":     modelID(1),
		"grace@example.com":   modelID(2),
		"implied@example.com": modelID(7),
		"null@example.com":    modelID(8),
	} {
		user, err := s.Users().GetByEmail(t.Context(), email)
		if err != nil || user.ID != want || !user.Active || user.PasswordHash != "pbkdf2:sha256:1$s$h" || user.Role != models.RoleUser {
			t.Errorf("%s: got %+v, %v", email, user, err)
		}
	}
	for _, email := range []string{"gone@example.com", "foreign@example.com", ""} {
		if user, err := s.Users().GetByEmail(t.Context(), email); models.CodeOf(err) != models.NotFound {
			t.Errorf("%s: got %+v, %v; want not found", email, user, err)
		}
	}
}

func TestLegacyUsersAreListed(t *testing.T) {
	s, _, _ := openTutorial(t)
	all, err := s.Users().List(t.Context(), models.UserFilter{Limit: 100})
	if err != nil || len(all) != 9 {
		t.Fatalf("got %d accounts, %v; want the 9 with an ObjectID", len(all), err)
	}
	for i, user := range all {
		wantActive := i != 4 && i != 5
		if user.ID != modelID(byte(i+1)) || user.Active != wantActive || !user.CreatedAt.IsZero() {
			t.Errorf("account %d: %+v", i+1, user)
		}
	}
	if all[7].Name != "7" || all[8].Email != "" {
		t.Errorf("values of other types are read as %q and %q", all[7].Name, all[8].Email)
	}
}

func TestLegacyUserUpdate(t *testing.T) {
	s, url, _ := openTutorial(t)
	rehashed := models.UserUpdate{PasswordHash: new("$argon2id$"), UpdatedAt: updatedAt}
	for _, n := range []byte{2, 3} { // 3 is a duplicate
		user, err := s.Users().Update(t.Context(), modelID(n), rehashed)
		if err != nil || user.PasswordHash != "$argon2id$" {
			t.Errorf("account %d: got %+v, %v", n, user, err)
		}
	}
	for _, doc := range readAllRaw(t, rawDB(t, url).Collection(usersName)) {
		if doc["_id"] == id(2) && (doc["nickname"] != "Amazing" || doc["tags"] == nil) {
			t.Errorf("the fields of another program are gone: %v", doc)
		}
	}
	if _, err := s.Users().Update(t.Context(), modelID(1), models.UserUpdate{Active: new(false), UpdatedAt: updatedAt}); err != nil {
		t.Fatal(err)
	}
	if err := open(t, url).addLegacyKeys(t.Context()); err != nil { // the next account with the free address gets the key
		t.Fatal(err)
	}
	if user, err := s.Users().GetByEmail(t.Context(), "ada@example.com"); err != nil || user.ID != modelID(3) {
		t.Errorf("after the first account was disabled: got %+v, %v", user, err)
	}
}

func TestLegacyBooksAreListed(t *testing.T) {
	s, _, _ := openTutorial(t)
	for _, sort := range models.BookSorts {
		all, err := s.Books().List(t.Context(), models.BookFilter{Sort: sort, Limit: 100})
		if err != nil || len(all) != 9 {
			t.Errorf("%s: got %d books, %v; want the 9 with an ObjectID", sort, len(all), err)
		}
	}
	byID, err := s.Books().List(t.Context(), models.BookFilter{UserID: modelID(1), Sort: models.SortCreated, Limit: 100})
	if err != nil || len(byID) != 7 {
		t.Fatalf("got %d books of the first account, %v; want 7", len(byID), err)
	}
	want := models.Book{
		ID: modelID(1), UserID: modelID(1), BookTexts: models.BookTexts{Title: "Emma", Description: "About it", Category: "horror"},
		ImageURL: "http://localhost:5000/static/books/0.jpg",
	}
	if !reflect.DeepEqual(byID[0], want) {
		t.Errorf("got  %+v\nwant %+v", byID[0], want)
	}
	nothing, numbers := byID[3], byID[4]
	if nothing.Description != "" || nothing.Category != "5" || numbers.Description != "1.5" || numbers.Category != "" {
		t.Errorf("values of other types are read as %+v and %+v", nothing, numbers)
	}
}

func TestLegacyPoetry(t *testing.T) {
	s, _, _ := openTutorial(t)
	own := models.Book{ID: models.NewID(updatedAt), UserID: modelID(1), BookTexts: models.BookTexts{Title: "More Poems", Category: "poetry"}}
	if err := s.Books().Create(t.Context(), own); err != nil {
		t.Fatal(err)
	}
	f := models.BookFilter{Category: "poetry", Sort: models.SortCreated, Limit: 1}
	for _, want := range []models.Book{own, {ID: modelID(4), BookTexts: models.BookTexts{Category: models.TutorialPoetry}}} {
		page, err := s.Books().List(t.Context(), f)
		if err != nil || len(page) != 1 {
			t.Fatalf("got %v, %v", page, err)
		}
		f.After = &models.Cursor{ID: page[0].ID}
		if page[0].ID != want.ID || page[0].Category != want.Category {
			t.Errorf("got %+v, want %+v", page[0], want)
		}
	}
	if n, err := s.Books().Count(t.Context(), f); err != nil || n != 2 {
		t.Errorf("got %d poems, %v; want 2", n, err)
	}
}

func TestLegacyDuplicateBook(t *testing.T) {
	s, _, _ := openTutorial(t)
	again := models.Book{ID: models.NewID(updatedAt), UserID: modelID(1), BookTexts: models.BookTexts{Title: "Emma"}}
	if err := s.Books().Create(t.Context(), again); models.CodeOf(err) != models.Conflict {
		t.Errorf("a third book with that title: got %v, want a conflict", err)
	}
	same := models.BookUpdate{Title: new("Emma"), Category: new("romance"), UpdatedAt: updatedAt}
	_, after, err := s.Books().Update(t.Context(), modelID(2), modelID(1), same) // a form also sends the unchanged title
	if err != nil || after.Category != "romance" || after.Title != "Emma" {
		t.Errorf("an update with the same title: got %+v, %v", after, err)
	}
	renamed := models.BookUpdate{Title: new("Emma, once more"), UpdatedAt: updatedAt, IfVersion: models.Versions{1}}
	if _, _, err := s.Books().Update(t.Context(), modelID(2), modelID(1), renamed); err != nil {
		t.Errorf("renaming it: %v", err)
	}
	if _, err := s.Books().Delete(t.Context(), modelID(1), modelID(1), models.Versions{0}); err != nil { // it has no version
		t.Errorf("deleting the first: %v", err)
	}
	if err := s.Books().Create(t.Context(), again); err != nil {
		t.Errorf("after the title is free: %v", err)
	}
}
