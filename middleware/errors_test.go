package middleware

import (
	"testing"

	"bookplate/models"
)

// Every code has its row, and no two codes are answered alike.
func TestEveryCodeHasAnAnswer(t *testing.T) {
	statuses := map[int]models.Code{}
	for code := models.Internal; code <= models.InsufficientStorage; code++ {
		a, found := answers[code]
		if !found || a.status < 400 || a.message == "" || a.text == "" {
			t.Errorf("code %d is answered %+v", code, a)
		}
		if other, taken := statuses[a.status]; taken {
			t.Errorf("codes %d and %d are both answered %d", code, other, a.status)
		}
		statuses[a.status] = code
	}
	if len(answers) != len(statuses) {
		t.Errorf("%d answers for %d codes", len(answers), len(statuses))
	}
}
