package middleware

import (
	"net/http"
	"testing"

	"bookplate/models"
)

// Every error code has an answer. Each has its own status, except that several codes have 401.
func TestEveryCodeHasAnAnswer(t *testing.T) {
	statuses := map[int]models.Code{}
	for code := models.Internal; code <= models.InsufficientStorage; code++ {
		a, found := answers[code]
		if !found || a.status < 400 || a.name == "" || a.message == "" || a.text == "" {
			t.Errorf("the answer to code %d is %+v", code, a)
		}
		if other, taken := statuses[a.status]; taken && a.status != http.StatusUnauthorized {
			t.Errorf("codes %d and %d both have the status %d", code, other, a.status)
		}
		statuses[a.status] = code
	}
	if codes := int(models.InsufficientStorage) + 1; len(answers) != codes {
		t.Errorf("%d answers for %d codes", len(answers), codes)
	}
}
