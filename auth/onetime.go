package auth

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
)

// oneTimeLength is that of a one-time token, in bytes: nobody guesses 256 random bits.
const oneTimeLength = 32

// NewOneTimeToken makes a token for a link in a mail, in base64url, and the hash of it that a store may know.
func NewOneTimeToken() (token, hash string) {
	secret := random(oneTimeLength)
	return base64.RawURLEncoding.EncodeToString(secret), oneTimeHash(secret)
}

// HashOneTimeToken is the hash of a token as a client sent it. What NewOneTimeToken cannot have made is an error; each
// token has one spelling only.
func HashOneTimeToken(token string) (hash string, err error) {
	if len(token) != base64.RawURLEncoding.EncodedLen(oneTimeLength) {
		return "", errors.New("a one-time token has 43 characters")
	}
	secret, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil {
		return "", err
	}
	if len(secret) != oneTimeLength { // the decoder skips line ends
		return "", errors.New("a one-time token has no line ends")
	}
	return oneTimeHash(secret), nil
}

func oneTimeHash(secret []byte) string {
	sum := sha256.Sum256(secret)
	return hex.EncodeToString(sum[:])
}
