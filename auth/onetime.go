package auth

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
)

// oneTimeLength is the length of a one-time token in bytes. 256 random bits cannot be guessed.
const oneTimeLength = 32

// NewOneTimeToken returns a new token for a link in a mail, in base64url, and the token's hash. Only the hash is
// stored.
func NewOneTimeToken() (token, hash string) {
	secret := random(oneTimeLength)
	return base64.RawURLEncoding.EncodeToString(secret), oneTimeHash(secret)
}

// HashOneTimeToken returns the hash of a token. It returns an error for a string that NewOneTimeToken cannot have
// returned, such as another encoding of a valid token.
func HashOneTimeToken(token string) (hash string, err error) {
	if len(token) != base64.RawURLEncoding.EncodedLen(oneTimeLength) {
		return "", errors.New("a one-time token has 43 characters")
	}
	secret, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil {
		return "", err
	}
	if len(secret) != oneTimeLength { // the decoder skips line breaks, so the result may be shorter
		return "", errors.New("a one-time token has no line breaks")
	}
	return oneTimeHash(secret), nil
}

func oneTimeHash(secret []byte) string {
	sum := sha256.Sum256(secret)
	return hex.EncodeToString(sum[:])
}
