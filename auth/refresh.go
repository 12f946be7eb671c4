package auth

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"

	"bookplate/models"
)

// A refresh token is its session's id, its user's id, a secret, and a tag that proves it was made here: 72 bytes, which
// are 96 characters of base64url. The tag is what tells a forged token, which is merely refused, from an authentic one
// that has been replaced, which ends its session: without it, whoever knows the id of a session could end it.
const (
	idLength      = 12 // bytes, models.ID
	secretLength  = 32 // bytes, as many as the hash that follows it has
	tagLength     = 16 // bytes of HMAC-SHA256, at least half of it (RFC 2104, section 5)
	refreshLength = 2*idLength + secretLength + tagLength
)

// RefreshToken is a refresh token, read.
type RefreshToken struct {
	SessionID models.ID
	UserID    models.ID
	secret    [secretLength]byte
}

// refreshKeys are derived from the signing secret, one for each use (RFC 5869, section 3.2).
type refreshKeys struct {
	tag  []byte // authenticates a token
	next []byte // makes the secret that follows another
	id   []byte // names the access token that comes with a secret
}

func deriveRefreshKeys(secret []byte) refreshKeys {
	derive := func(use string) []byte {
		key, err := hkdf.Key(sha256.New, secret, nil, "bookplate refresh token: "+use, sha256.Size)
		if err != nil {
			panic(err) // HKDF refuses only keys of more than 255 hashes
		}
		return key
	}
	return refreshKeys{tag: derive("tag"), next: derive("next"), id: derive("access token id")}
}

// NewRefresh returns the first refresh token of a session. Its secret is random.
func (t *Tokens) NewRefresh(sessionID, userID models.ID) RefreshToken {
	return RefreshToken{sessionID, userID, [secretLength]byte(random(secretLength))}
}

// NextRefresh returns the token that follows another. It is the same each time, so that it can be given again to a client
// that lost the answer, although it is not kept anywhere; and only this server can tell it.
func (t *Tokens) NextRefresh(r RefreshToken) RefreshToken {
	r.secret = [secretLength]byte(mac(t.refresh.next, r.secret[:]))
	return r
}

// AccessID is the id of the access token that comes with a refresh token: the same each time, and no hint at the secret.
func (t *Tokens) AccessID(r RefreshToken) string {
	return base64.RawURLEncoding.EncodeToString(mac(t.refresh.id, r.secret[:])[:tagLength])
}

// Hash is what a session keeps of a refresh token, 64 hex digits. A secret of 256 random bits cannot be guessed, so that
// one round of SHA-256 hides it.
func (r RefreshToken) Hash() string {
	sum := sha256.Sum256(r.secret[:])
	return hex.EncodeToString(sum[:])
}

// FormatRefresh returns a refresh token as clients keep it.
func (t *Tokens) FormatRefresh(r RefreshToken) string {
	b := make([]byte, 0, refreshLength)
	b = append(b, idBytes(r.SessionID)...)
	b = append(b, idBytes(r.UserID)...)
	b = append(b, r.secret[:]...)
	b = append(b, mac(t.refresh.tag, b)[:tagLength]...)
	return base64.RawURLEncoding.EncodeToString(b)
}

// ParseRefresh reads a refresh token that was made here, or returns ErrInvalid with the cause. Whether it still counts,
// its session says.
func (t *Tokens) ParseRefresh(s string) (RefreshToken, error) {
	if len(s) != base64.RawURLEncoding.EncodedLen(refreshLength) {
		return RefreshToken{}, fmt.Errorf("%w: a refresh token of %d characters", ErrInvalid, len(s))
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != refreshLength { // line breaks are passed over when decoding, and shorten it
		return RefreshToken{}, fmt.Errorf("%w: the refresh token is no base64url", ErrInvalid)
	}
	content, tag := b[:refreshLength-tagLength], b[refreshLength-tagLength:]
	if !hmac.Equal(tag, mac(t.refresh.tag, content)[:tagLength]) {
		return RefreshToken{}, fmt.Errorf("%w: the refresh token was not made here", ErrInvalid)
	}
	fields := bytes.NewBuffer(content)
	return RefreshToken{
		SessionID: models.ID(hex.EncodeToString(fields.Next(idLength))),
		UserID:    models.ID(hex.EncodeToString(fields.Next(idLength))),
		secret:    [secretLength]byte(fields.Next(secretLength)),
	}, nil
}

func idBytes(id models.ID) []byte {
	b, err := hex.DecodeString(string(id))
	if err != nil || len(b) != idLength {
		panic(fmt.Sprintf("%q is no id", id)) // ids are made by models.NewID and models.ParseID
	}
	return b
}

func mac(key, message []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(message) // a hash takes all there is
	return h.Sum(nil)
}
