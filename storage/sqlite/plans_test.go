package sqlite

import (
	"strings"
	"testing"
)

// TestQueriesUseIndexes checks that no fixed query reads a whole table, because a library may have millions of rows. Other
// tests check the queries of lists and counts of books.
func TestQueriesUseIndexes(t *testing.T) {
	s := open(t)
	for name, query := range map[string]string{
		"authenticate":         authenticate,
		"selectUser":           selectUser,
		"selectUsers":          selectUsers,
		"listUsers":            listUsers,
		"selectUserByEmail":    selectUserByEmail,
		"selectUserByUsername": selectUserByUsername,
		"countOtherAdmins":     countOtherAdmins,
		"listSessions":         listSessions,
		"knownIn":              knownIn,
		"deleteExpired":        deleteExpired,
		"deleteSessions":       deleteSessions,
		"deleteTokens":         deleteTokens,
		"selectBook":           selectBook,
		"deleteBook":           deleteBook,
		"deleteOwned":          deleteOwned,
		"selectAlike":          selectAlike,
		"selectSimilar":        selectSimilar,
		"countOpenLoans":       countOpenLoans,
		"openLoans":            openLoans,
		"toRemind":             toRemind,
		"deleteLoans":          deleteLoans,
		"forgetBorrower":       forgetBorrower,
		"bookReadings":         bookReadings,
		"selectReadings":       selectReadings,
		"deleteReadings":       deleteReadings,
		"forgetBook":           forgetBook,
		"selectGoals":          selectGoals,
		"listShelf":            listShelf,
		"listShelves":          listShelves,
		"deleteShelves":        deleteShelves,
		"unshelveBook":         unshelveBook,
		"countTrashed":         countTrashed,
		"deleteTrashed":        deleteTrashed,
		"sweepThrottles":       sweepThrottles,
		"sweepKeyedExpired":    sweepKeyedExpired,
		"deleteKeyed":          deleteKeyed,
		"listImports":          listImports,
		"listUnfinished":       listUnfinished,
	} {
		args := make([]any, strings.Count(query, "?"))
		for _, line := range explain(t, s, query, args) {
			whole := strings.HasPrefix(line, "SCAN ") && !strings.Contains(line, "CONSTANT ROW")
			small := strings.Contains(line, "VIRTUAL TABLE") || // json_each of an argument
				strings.HasSuffix(line, "users_admins") // an index of the administrators only
			if whole && !small {
				t.Errorf("%s reads all rows: %s\n%s", name, line, query)
			}
		}
	}
}
