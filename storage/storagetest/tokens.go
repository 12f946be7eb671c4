package storagetest

import (
	"fmt"
	"testing"
	"time"

	"bookplate/models"
)

var tokenTests = map[string]func(*testing.T, suite){
	"a token is taken once, as created":           testTokenTake,
	"text and times are stored":                   testTokenText,
	"a token has one purpose":                     testTokenPurpose,
	"hashes are unique":                           testTokenConflict,
	"one of 20 concurrent calls takes a token":    testTokenRace,
	"all tokens of a user are deleted":            testTokenDeleteAll,
	"expired tokens are deleted":                  testTokenDeleteExpired,
	"enabling an account deletes its tokens":      testTokenEnable,
	"enabling an active account deletes no token": testTokenEnableActive,
}

// newToken returns a token with a unique hash.
func newToken(user models.ID) models.OneTimeToken {
	return models.OneTimeToken{
		Hash: "hash " + string(models.NewID(now)), Purpose: models.PurposeReset, UserID: user, Email: "ada@example.com",
		ExpiresAt: now.Add(time.Hour),
	}
}

func addToken(t *testing.T, s suite, token models.OneTimeToken) models.OneTimeToken {
	t.Helper()
	wantOK(t, s.OneTimeTokens().Create(t.Context(), token))
	return token
}

// wantToken takes a token and checks it.
func wantToken(t *testing.T, s suite, want models.OneTimeToken) {
	t.Helper()
	got, err := s.OneTimeTokens().Take(t.Context(), want.Hash, want.Purpose)
	wantOK(t, err)
	wantEqual(t, got, want)
}

func wantNoToken(t *testing.T, s suite, hash string, purpose models.Purpose) {
	t.Helper()
	got, err := s.OneTimeTokens().Take(t.Context(), hash, purpose)
	wantCode(t, err, models.NotFound)
	wantEqual(t, got, models.OneTimeToken{})
}

func testTokenTake(t *testing.T, s suite) {
	token, other := addToken(t, s, newToken(models.NewID(now))), addToken(t, s, newToken(models.NewID(now)))
	wantToken(t, s, token)
	wantNoToken(t, s, token.Hash, token.Purpose)
	wantNoToken(t, s, "", token.Purpose)
	wantToken(t, s, other)
}

func testTokenText(t *testing.T, s suite) {
	for i, text := range hardTexts {
		token := newToken(models.NewID(now))
		token.Email = text
		token.ExpiresAt = now.Add(time.Duration(i)*time.Second + time.Microsecond).In(time.FixedZone("", 60*60))
		addToken(t, s, token)
		token.ExpiresAt = now.Add(time.Duration(i) * time.Second)
		wantToken(t, s, token)
	}
}

func testTokenPurpose(t *testing.T, s suite) {
	token := addToken(t, s, newToken(models.NewID(now)))
	for _, purpose := range []models.Purpose{models.PurposeActivation, models.PurposeEmail, ""} {
		wantNoToken(t, s, token.Hash, purpose)
	}
	wantToken(t, s, token)
}

func testTokenConflict(t *testing.T, s suite) {
	token := addToken(t, s, newToken(models.NewID(now)))
	duplicate := newToken(models.NewID(now))
	duplicate.Hash, duplicate.Purpose = token.Hash, models.PurposeEmail
	wantCode(t, s.OneTimeTokens().Create(t.Context(), duplicate), models.Conflict)
	wantToken(t, s, token)
}

func testTokenRace(t *testing.T, s suite) {
	token := addToken(t, s, newToken(models.NewID(now)))
	taken := 0
	for _, err := range concurrently(20, func(int) error {
		_, err := s.OneTimeTokens().Take(t.Context(), token.Hash, token.Purpose)
		return err
	}) {
		if err == nil {
			taken++
			continue
		}
		wantCode(t, err, models.NotFound)
	}
	wantEqual(t, taken, 1)
}

func testTokenDeleteAll(t *testing.T, s suite) {
	ada, other := models.NewID(now), models.NewID(now)
	var deleted []models.OneTimeToken
	for _, purpose := range []models.Purpose{models.PurposeActivation, models.PurposeReset, models.PurposeEmail} {
		token := newToken(ada)
		token.Purpose = purpose
		deleted = append(deleted, addToken(t, s, token))
	}
	left := addToken(t, s, newToken(other))
	for _, want := range []int64{3, 0} {
		n, err := s.OneTimeTokens().DeleteAll(t.Context(), ada)
		wantOK(t, err)
		wantEqual(t, n, want)
	}
	for _, token := range deleted {
		wantNoToken(t, s, token.Hash, token.Purpose)
	}
	wantToken(t, s, left)
}

func testTokenDeleteExpired(t *testing.T, s suite) {
	tokens := make([]models.OneTimeToken, 5)
	for i := range tokens {
		tokens[i] = newToken(models.NewID(now))
		tokens[i].Hash = fmt.Sprint(i)
		tokens[i].ExpiresAt = now.Add(time.Duration(i) * time.Millisecond)
		addToken(t, s, tokens[i])
	}
	for _, want := range []int64{2, 0} {
		n, err := s.OneTimeTokens().DeleteExpired(t.Context(), tokens[2].ExpiresAt)
		wantOK(t, err)
		wantEqual(t, n, want)
	}
	for _, deleted := range tokens[:2] {
		wantNoToken(t, s, deleted.Hash, deleted.Purpose)
	}
	for _, left := range tokens[2:] { // including the token that expires at the given time
		wantToken(t, s, left)
	}
}

func testTokenEnable(t *testing.T, s suite) {
	user, other := addUser(t, s, newUser("ada@example.com")), addUser(t, s, newUser("other@example.com"))
	deleted, left := addToken(t, s, newToken(user.ID)), addToken(t, s, newToken(other.ID))
	setActive(t, s, setActive(t, s, user, false), true)
	wantNoToken(t, s, deleted.Hash, deleted.Purpose)
	wantToken(t, s, left)
}

func testTokenEnableActive(t *testing.T, s suite) {
	user := addUser(t, s, newUser("ada@example.com"))
	token := addToken(t, s, newToken(user.ID))
	setActive(t, s, user, true)
	wantToken(t, s, token)
}
