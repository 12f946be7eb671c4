package handlers

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"golang.org/x/crypto/scrypt"
)

func pbkdf2Hex(t testing.TB, password, salt string, iterations int) string {
	t.Helper()
	key, err := pbkdf2.Key(sha256.New, password, []byte(salt), iterations, 32)
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(key)
}

func scryptHex(t *testing.T, password, salt string, n, r, p int) string {
	t.Helper()
	key, err := scrypt.Key([]byte(password), []byte(salt), n, r, p, 64)
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(key)
}
