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

// A refresh token consists of the ids of its session and user, a secret, and a tag that authenticates it. It has 72
// bytes, or 96 characters of base64url. A forged token is only rejected. A genuine token that was already replaced also
// ends its session. Without the tag, anybody who knows the id of a session could end it with a forged token.
const (
	idLength      = 12 // bytes, models.ID
	secretLength  = 32 // bytes, the length of an HMAC-SHA256, because the next secret is one
	tagLength     = 16 // bytes of HMAC-SHA256, at least half of it (RFC 2104, section 5)
	refreshLength = 2*idLength + secretLength + tagLength
)

// RefreshToken is a parsed refresh token.
type RefreshToken struct {
	SessionID models.ID
	UserID    models.ID
	secret    [secretLength]byte
}

// refreshKeys are keys derived from the signing secret, one for each use (RFC 5869, section 3.2).
type refreshKeys struct {
	tag  []byte // for tags
	next []byte // for the secret of the next token
	id   []byte // for the id of the access token
}

func deriveRefreshKeys(secret []byte) refreshKeys {
	derive := func(use string) []byte {
		key, err := hkdf.Key(sha256.New, secret, nil, "bookplate refresh token: "+use, sha256.Size)
		if err != nil {
			panic(err) // HKDF rejects only keys longer than 255 hashes
		}
		return key
	}
	return refreshKeys{tag: derive("tag"), next: derive("next"), id: derive("access token id")}
}

// NewRefresh returns the first refresh token of a session. Its secret is random.
func (t *Tokens) NewRefresh(sessionID, userID models.ID) RefreshToken {
	return RefreshToken{sessionID, userID, [secretLength]byte(random(secretLength))}
}

// NextRefresh returns the token that replaces r. It always returns the same token for r, so a client that lost the
// answer can get the token again, although it is not stored. Computing it requires the server's secret.
func (t *Tokens) NextRefresh(r RefreshToken) RefreshToken {
	r.secret = [secretLength]byte(mac(t.refresh.next, r.secret[:]))
	return r
}

// AccessID returns the id of the access token that is issued with a refresh token. It is always the same for a refresh
// token, and does not reveal the token's secret.
func (t *Tokens) AccessID(r RefreshToken) string {
	return base64.RawURLEncoding.EncodeToString(mac(t.refresh.id, r.secret[:])[:tagLength])
}

// Hash returns the hash of a refresh token in hex. The session stores this hash instead of the token. A single round of
// SHA-256 is enough, because 256 random bits cannot be guessed.
func (r RefreshToken) Hash() string {
	sum := sha256.Sum256(r.secret[:])
	return hex.EncodeToString(sum[:])
}

// FormatRefresh returns a refresh token in base64url, with its tag.
func (t *Tokens) FormatRefresh(r RefreshToken) string {
	b := make([]byte, 0, refreshLength)
	b = append(b, idBytes(r.SessionID)...)
	b = append(b, idBytes(r.UserID)...)
	b = append(b, r.secret[:]...)
	b = append(b, mac(t.refresh.tag, b)[:tagLength]...)
	return base64.RawURLEncoding.EncodeToString(b)
}

// ParseRefresh parses a refresh token and checks its tag. The error is ErrInvalid, with the cause. ParseRefresh does
// not check whether the session exists, or whether the token was replaced.
func (t *Tokens) ParseRefresh(s string) (RefreshToken, error) {
	if len(s) != base64.RawURLEncoding.EncodedLen(refreshLength) {
		return RefreshToken{}, fmt.Errorf("%w: a refresh token of %d characters", ErrInvalid, len(s))
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != refreshLength { // the decoder skips line breaks, so the result may be shorter
		return RefreshToken{}, fmt.Errorf("%w: the refresh token is not base64url", ErrInvalid)
	}
	content, tag := b[:refreshLength-tagLength], b[refreshLength-tagLength:]
	if !hmac.Equal(tag, mac(t.refresh.tag, content)[:tagLength]) {
		return RefreshToken{}, fmt.Errorf("%w: the refresh token has a wrong tag", ErrInvalid)
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
		panic(fmt.Sprintf("invalid id %q", id)) // ids come from models.NewID and models.ParseID
	}
	return b
}

func mac(key, message []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(message) // never fails
	return h.Sum(nil)
}
