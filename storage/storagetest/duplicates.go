package storagetest

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"bookplate/models"
)

var duplicateTests = map[string]func(*testing.T, suite){
	"similar books are found":                  testSimilar,
	"groups of similar books are listed":       testDuplicates,
	"a group of many books is cut off":         testLargeGroup,
	"books are merged":                         testMerge,
	"two reading records of a user are merged": testMergeReadings,
	"a merge that cannot be made is rejected":  testMergeRejected,
	"a merged book takes the key of another":   testMergeEdition,
	"a merge is made once":                     testMergeAgain,
	"loans made during a merge are kept":       testMergeRace,
}

// groupsOf returns the groups of similar books in a list, in the order of the store.
func groupsOf(list []models.Book) (groups []models.BookGroup) {
	var all []models.BookGroup
	for _, b := range list {
		for _, v := range b.SimilarBy() {
			i := slices.IndexFunc(all, func(g models.BookGroup) bool { return g.FieldValue == v })
			if i < 0 {
				i, all = len(all), append(all, models.BookGroup{FieldValue: v})
			}
			all[i].Count++
			all[i].Books = append(all[i].Books, b)
		}
	}
	slices.SortFunc(all, func(a, b models.BookGroup) int {
		return cmp.Or(cmp.Compare(a.Field, b.Field), cmp.Compare(a.Folded, b.Folded))
	})
	for i, g := range all {
		inEarlier := slices.ContainsFunc(all[:i], func(earlier models.BookGroup) bool {
			return !slices.ContainsFunc(idsOf(g.Books), func(id models.ID) bool { return !slices.Contains(idsOf(earlier.Books), id) })
		})
		if g.Count > 1 && !inEarlier {
			groups = append(groups, g)
		}
	}
	return groups
}

// wantGroups checks an owner's groups of similar books. It reads them in pages of several sizes.
func wantGroups(t *testing.T, s suite, owner models.ID, want []models.BookGroup) {
	t.Helper()
	for _, limit := range []int{3, 100} {
		f := models.DuplicateFilter{UserID: owner, Limit: limit}
		var got []models.BookGroup
		for range maxPages {
			page, err := s.Books().Duplicates(t.Context(), f)
			wantOK(t, err)
			if got = append(got, page...); len(page) < limit {
				break
			}
			f.After = new(f.Cursor(page[limit-1]))
		}
		wantEqual(t, describeGroups(got), describeGroups(want))
	}
}

func describeGroups(groups []models.BookGroup) (text string) {
	for _, g := range groups {
		text += fmt.Sprintf("%s %q %d %v\n", g.Field, g.Folded, g.Count, idsOf(g.Books))
	}
	return text
}

func testDuplicates(t *testing.T, s suite) {
	owner, other := addOwner(t, s), addOwner(t, s)
	wantGroups(t, s, owner, nil)
	list := addLibrary(t, s, owner)
	for i, isbn := range []string{list[0].ISBN, list[7].ISBN, list[7].ISBN, "9780306406157", list[9].ISBN} {
		b := newBook(owner, fmt.Sprintf("Dune %d", i))
		b.ISBN = isbn
		list = append(list, addBook(t, s, b))
		b.ID, b.UserID = models.NewID(now), other
		addBook(t, s, b)
	}
	wantGroups(t, s, owner, groupsOf(list))

	up := models.BookUpdate{Title: new("Nana"), UpdatedAt: later}
	_, after, err := s.Books().Update(t.Context(), list[1].ID, owner, up)
	wantOK(t, err)
	list[1] = after
	up = models.BookUpdate{Authors: &[]string{"ÉMILE ZOLA"}, ISBN: new(list[0].ISBN), UpdatedAt: later}
	_, list[2], err = s.Books().Update(t.Context(), list[2].ID, owner, up)
	wantOK(t, err)
	_, err = s.Books().Delete(t.Context(), list[0].ID, owner, nil)
	wantOK(t, err)
	wantGroups(t, s, owner, groupsOf(list[1:]))

	trashed := list[len(list)-1]
	wantOK(t, s.Trash().Put(t.Context(), trashed.ID, owner, later, nil))
	wantGroups(t, s, owner, groupsOf(list[1:len(list)-1]))
	_, err = s.Trash().Restore(t.Context(), trashed.ID, owner)
	wantOK(t, err)
	wantGroups(t, s, owner, groupsOf(list[1:]))
}

func testLargeGroup(t *testing.T, s suite) {
	owner := addOwner(t, s)
	var want []models.Book
	for i := range models.MaxSimilar + 3 {
		b := newBook(owner, fmt.Sprintf("Dune %d", i))
		b.ISBN = "9780306406157"
		want = append(want, addBook(t, s, b))
	}
	groups, err := s.Books().Duplicates(t.Context(), models.DuplicateFilter{UserID: owner, Limit: 10})
	wantOK(t, err)
	wantEqual(t, len(groups), 1)
	wantEqual(t, groups[0].Count, len(want))
	wantEqual(t, idsOf(groups[0].Books), idsOf(want[:models.MaxSimilar]))
	similar, err := s.Books().Similar(t.Context(), want[0])
	wantOK(t, err)
	wantEqualList(t, similar, want[1:models.MaxSimilar+1])
}

func testSimilar(t *testing.T, s suite) {
	owner := addOwner(t, s)
	add := func(owner models.ID, title, isbn string, authors ...string) models.Book {
		b := newBook(owner, title)
		b.ISBN, b.Authors = isbn, authors
		return addBook(t, s, b)
	}
	b := add(owner, "Germinal", "9780306406157", "Émile Zola", "Anonymous", "EMILE ZOLA")
	sameISBN := add(owner, "Another", "9780306406157")
	sameWork := add(owner, " GERMINAL", "", "Someone Else", "emile zola")
	add(owner, "Germinal", "", "Someone Else")
	add(owner, "Germinal", "")
	add(owner, "Germinal II", "", "Émile Zola")
	add(addOwner(t, s), "Germinal", "9780306406157", "Émile Zola")
	none := add(owner, "None", "")
	for _, test := range []struct {
		book models.Book
		want []models.Book
	}{
		{b, []models.Book{sameISBN, sameWork}},
		{sameISBN, []models.Book{b}},
		{sameWork, []models.Book{b, mustSimilar(t, s, sameWork)[1]}},
		{none, nil},
	} {
		got := mustSimilar(t, s, test.book)
		wantEqual(t, idsOf(got), idsOf(test.want))
		wantEqualList(t, got, test.want)
	}
}

func mustSimilar(t *testing.T, s suite, b models.Book) []models.Book {
	t.Helper()
	similar, err := s.Books().Similar(t.Context(), b)
	wantOK(t, err)
	return similar
}
