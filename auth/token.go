package auth

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"bookplate/models"
)

const (
	issuer     = "bookplate"
	typeAccess = "access"

	// maxToken is the maximum length in bytes. Longer tokens are rejected before they are decoded; real ones have about
	// 450 bytes.
	maxToken = 4096

	// clockSkew is how much the clocks of two copies of the server may differ.
	clockSkew = 30 * time.Second
)

// The errors for rejected tokens.
var (
	ErrExpired = &models.Error{Code: models.TokenExpired, Err: errors.New("the token has expired")}
	ErrInvalid = &models.Error{Code: models.TokenInvalid, Err: errors.New("the token is invalid")}
)

// Tokens issues and verifies access tokens and refresh tokens. Access tokens are JSON Web Tokens signed with HS256. As RFC
// 8725 recommends, only one algorithm is accepted, and issuer, audience, type and expiry are required.
type Tokens struct {
	secret  []byte
	refresh refreshKeys
	ttl     time.Duration
	now     func() time.Time
	parser  *jwt.Parser
	known   verifiedTokens
}

// Claims are the claims of a valid access token.
type Claims struct {
	UserID    models.ID
	SessionID models.ID
}

// accessClaims is the payload of an access token. The tutorial's clients read user_id.
type accessClaims struct {
	jwt.RegisteredClaims
	UserID    string `json:"user_id"`
	SessionID string `json:"sid"`
	Type      string `json:"typ"`
}

// NewTokens returns Tokens that signs access tokens with secret; the access tokens expire after ttl. The keys for
// refresh tokens are derived from the secret.
func NewTokens(secret []byte, ttl time.Duration, now func() time.Time) *Tokens {
	return &Tokens{secret: secret, refresh: deriveRefreshKeys(secret), ttl: ttl, now: now, parser: jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithIssuer(issuer),
		jwt.WithAudience(issuer),
		jwt.WithExpirationRequired(),
		jwt.WithTimeFunc(now),
	)}
}

// Issue returns an access token for a session, and the time when it expires. The token does not expire later than the
// session. The same session, id and time always give the same token.
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

// Verify returns the claims of an access token. The error is ErrExpired or ErrInvalid, with the cause.
func (t *Tokens) Verify(token string) (Claims, error) {
	if len(token) > maxToken {
		return Claims{}, fmt.Errorf("%w: %d bytes", ErrInvalid, len(token))
	}
	key := sha256.Sum256([]byte(token))
	if claims, found := t.known.get(key, t.now()); found {
		return claims, nil
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
	valid := verifiedToken{claims: Claims{UserID: user, SessionID: session}, expires: claims.ExpiresAt.Time}
	if claims.NotBefore != nil {
		valid.notBefore = claims.NotBefore.Time
	}
	t.known.add(key, valid)
	return valid.claims, nil
}

// key returns the secret with which a token must be signed. It rejects a token whose header has crit, because no
// extension is supported (RFC 7515, section 4.1.11). The parser does not check this.
func (t *Tokens) key(token *jwt.Token) (any, error) {
	if _, found := token.Header["crit"]; found {
		return nil, errors.New("the header has crit")
	}
	return t.secret, nil
}
