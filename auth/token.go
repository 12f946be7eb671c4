package auth

import (
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"bookplate/models"
)

const (
	issuer     = "bookplate"
	typeAccess = "access"

	// An access token has some 450 bytes. What is longer by far is refused before anything is decoded.
	maxToken = 4096

	// How far the clock of another copy of the server may be behind when a token reaches it.
	clockSkew = 30 * time.Second
)

// The errors of tokens that are not accepted.
var (
	ErrExpired = &models.Error{Code: models.TokenExpired, Err: errors.New("the token has expired")}
	ErrInvalid = &models.Error{Code: models.TokenInvalid, Err: errors.New("the token is invalid")}
)

// Tokens issues and verifies access tokens: JSON Web Tokens signed with HS256, kept to RFC 8725 (one algorithm, and
// issuer, audience, type and expiry required). Of refresh tokens, see refresh.go, it has the keys.
type Tokens struct {
	secret  []byte
	refresh refreshKeys
	ttl     time.Duration
	parser  *jwt.Parser
}

// Claims is what a valid access token says.
type Claims struct {
	UserID    models.ID
	SessionID models.ID
}

// accessClaims is the payload. user_id is where the tutorial's clients look for the user.
type accessClaims struct {
	jwt.RegisteredClaims
	UserID    string `json:"user_id"`
	SessionID string `json:"sid"`
	Type      string `json:"typ"`
}

// NewTokens returns Tokens that are signed with secret and live for ttl. Their refresh tokens have keys of their own,
// derived from it.
func NewTokens(secret []byte, ttl time.Duration, now func() time.Time) *Tokens {
	return &Tokens{secret: secret, refresh: deriveRefreshKeys(secret), ttl: ttl, parser: jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithIssuer(issuer),
		jwt.WithAudience(issuer),
		jwt.WithExpirationRequired(),
		jwt.WithTimeFunc(now),
	)}
}

// Issue returns an access token for a session, and when it expires: after the TTL, but no later than the session. The
// same session, id and time make the same token.
func (t *Tokens) Issue(session models.Session, id string, at time.Time) (token string, expires time.Time, err error) {
	expires = at.Add(t.ttl)
	if session.ExpiresAt.Before(expires) {
		expires = session.ExpiresAt
	}
	token, err = jwt.NewWithClaims(jwt.SigningMethodHS256, accessClaims{
		RegisteredClaims: jwt.RegisteredClaims{
			ID:        id,
			Issuer:    issuer,
			Audience:  jwt.ClaimStrings{issuer},
			Subject:   string(session.UserID),
			IssuedAt:  jwt.NewNumericDate(at),
			NotBefore: jwt.NewNumericDate(at.Add(-clockSkew)),
			ExpiresAt: jwt.NewNumericDate(expires),
		},
		UserID:    string(session.UserID),
		SessionID: string(session.ID),
		Type:      typeAccess,
	}).SignedString(t.secret)
	return token, expires, err
}

// Verify returns what an access token says, or ErrExpired or ErrInvalid with the cause.
func (t *Tokens) Verify(token string) (Claims, error) {
	if len(token) > maxToken {
		return Claims{}, fmt.Errorf("%w: %d bytes", ErrInvalid, len(token))
	}
	var claims accessClaims
	_, err := t.parser.ParseWithClaims(token, &claims, t.key)
	if errors.Is(err, jwt.ErrTokenExpired) {
		return Claims{}, fmt.Errorf("%w: %w", ErrExpired, err)
	}
	if err != nil {
		return Claims{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	user, userErr := models.ParseID(claims.Subject)
	session, sessionErr := models.ParseID(claims.SessionID)
	if err := errors.Join(userErr, sessionErr); err != nil || claims.Type != typeAccess {
		return Claims{}, fmt.Errorf("%w: type %.20q: %w", ErrInvalid, claims.Type, err)
	}
	return Claims{UserID: user, SessionID: session}, nil
}

// key is the secret, whatever key the header names. A header that has to be understood (RFC 7515, section 4.1.11) is
// none that we do, and the parser does not look for it.
func (t *Tokens) key(token *jwt.Token) (any, error) {
	if _, found := token.Header["crit"]; found {
		return nil, errors.New("the header has crit")
	}
	return t.secret, nil
}
