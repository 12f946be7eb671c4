package handlers

import (
	"encoding/base64"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// signer makes forged variants of a valid token.
type signer struct {
	*testServer
	good jwt.MapClaims
}

func (s signer) sign(method jwt.SigningMethod, key any, change func(jwt.MapClaims)) string {
	s.Helper()
	claims := maps.Clone(s.good)
	change(claims)
	token, err := jwt.NewWithClaims(method, claims).SignedString(key)
	if err != nil {
		s.Fatal(err)
	}
	return token
}

func (s signer) withClaim(name string, value any) string {
	s.Helper()
	return s.sign(jwt.SigningMethodHS256, testSecret, func(c jwt.MapClaims) { c[name] = value })
}

func (s signer) withoutClaim(name string) string {
	s.Helper()
	return s.sign(jwt.SigningMethodHS256, testSecret, func(c jwt.MapClaims) { delete(c, name) })
}

// withHeader returns a token that has one more header field and is signed with this key.
func (s signer) withHeader(key []byte, name string, value any) string {
	s.Helper()
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, s.good)
	token.Header[name] = value
	signed, err := token.SignedString(key)
	if err != nil {
		s.Fatal(err)
	}
	return signed
}

func unchanged(jwt.MapClaims) {}

// badTokens returns forged tokens for ada's session, each under the name of its attack. The attacks include those in
// RFC 8725. None of the tokens has expired.
func badTokens(s *testServer, ada, eve user) map[string]string {
	s.Helper()
	by := signer{s, claimsOf(s, ada.Token)}
	parts := strings.Split(ada.Token, ".")
	header := func(text string) string {
		return base64.RawURLEncoding.EncodeToString([]byte(text)) + "." + parts[1] + "."
	}
	evil := []byte("the attacker's, of the right length")
	key := map[string]string{"kty": "oct", "k": base64.RawURLEncoding.EncodeToString(evil)}
	genuine := by.sign(jwt.SigningMethodHS256, testSecret, unchanged) // valid, so the others are invalid only because of their changes
	s.get("/users/", genuine).wantStatus(http.StatusOK)
	return map[string]string{
		"garbage":             "garbage",
		"dots":                strings.Repeat(".", 1<<15),
		"no signature":        parts[0] + "." + parts[1] + ".",
		"another's payload":   parts[0] + "." + strings.Split(eve.Token, ".")[1] + "." + parts[2],
		"alg none":            by.sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, unchanged),
		"alg NonE":            header(`{"alg":"NonE","typ":"JWT"}`),
		"no alg":              header(`{"typ":"JWT"}`) + parts[2],
		"HS512":               by.sign(jwt.SigningMethodHS512, testSecret, unchanged),
		"another secret":      by.sign(jwt.SigningMethodHS256, []byte("another secret, of the right length"), unchanged),
		"an empty secret":     by.sign(jwt.SigningMethodHS256, []byte{}, unchanged),
		"another issuer":      by.withClaim("iss", "elsewhere"),
		"no issuer":           by.withoutClaim("iss"),
		"another audience":    by.withClaim("aud", "elsewhere"),
		"no audience":         by.withoutClaim("aud"),
		"another type":        by.withClaim("typ", "refresh"),
		"no type":             by.withoutClaim("typ"),
		"no expiry":           by.withoutClaim("exp"),
		"not valid yet":       by.withClaim("nbf", s.clock.now().Add(time.Hour).Unix()),
		"no session":          by.withoutClaim("sid"),
		"another's session":   by.withClaim("sid", claimsOf(s, eve.Token)["sid"]),
		"another's subject":   by.withClaim("sub", eve.ID),
		"an unknown session":  by.withClaim("sid", "0123456789abcdef01234567"),
		"no subject":          by.withoutClaim("sub"),
		"a malformed subject": by.withClaim("sub", "' OR 1=1 --"),
		"the tutorial's":      tutorialToken(s, ada.ID),
		"kid, a file":         by.withHeader(nil, "kid", "../../../../dev/null"),
		"kid, an injection":   by.withHeader(evil, "kid", "' UNION SELECT '"+string(evil)+"'; --"),
		"jku":                 by.withHeader(evil, "jku", "https://evil.example/jwks.json"),
		"jwk":                 by.withHeader(evil, "jwk", key),
		"x5u":                 by.withHeader(evil, "x5u", "https://evil.example/key.pem"),
		"crit":                by.withHeader(testSecret, "crit", []string{"exp"}), // signed with the server's secret
		"a JWE":               header(`{"alg":"dir","enc":"A256GCM"}`) + parts[1] + "." + parts[2] + "." + parts[2],
	}
}

// wantRejected calls send for each of the tokens and checks that it is rejected. Then it checks that ada's own tokens
// still work.
func wantRejected(s *testServer, ada user, tokens map[string]string, send func(token string) answer) {
	s.Helper()
	for name, token := range tokens {
		a := send(token)
		if a.status != http.StatusUnauthorized {
			s.Errorf("%s: status %d", name, a.status)
			continue
		}
		a.wantInvalidToken("The token is malformed, forged or revoked")
	}
	s.get("/users/", ada.Token).wantStatus(http.StatusOK)
	s.refresh(ada.RefreshToken)
}

func TestInvalidTokens(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada, eve := s.signedIn("ada@example.com"), s.signedIn("eve@example.com")
		tokens := badTokens(s, ada, eve)
		tokens["a refresh token"] = ada.RefreshToken
		wantRejected(s, ada, tokens, func(token string) answer { return s.get("/users/", token) })
	})
}

func TestInvalidCookies(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada, eve := s.signedIn("ada@example.com"), s.signedIn("eve@example.com")
		tokens := badTokens(s, ada, eve)
		tokens["a refresh token"] = ada.RefreshToken
		wantRejected(s, ada, tokens, func(token string) answer {
			return s.do(call{method: "GET", path: "/users/", header: map[string]string{"Cookie": "bookplate=" + token}})
		})
	})
}

// A forged refresh token is rejected and does not end the session that it names.
func TestInvalidRefreshTokens(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada, eve := s.signedIn("ada@example.com"), s.signedIn("eve@example.com")
		gone := s.login("ada@example.com")
		s.json("POST", "/auth/logout", gone.Token, "").wantStatus(http.StatusOK)
		tokens := badTokens(s, ada, eve)
		tokens["an access token"] = ada.Token
		tokens["an ended session"] = gone.RefreshToken
		tokens["another's session"] = eve.RefreshToken[:16] + ada.RefreshToken[16:] // the first 16 characters are the session's id
		tokens["another's user"] = ada.RefreshToken[:16] + eve.RefreshToken[16:32] + ada.RefreshToken[32:]
		tokens["another's secret"] = ada.RefreshToken[:32] + eve.RefreshToken[32:]
		tokens["another's tag"] = ada.RefreshToken[:74] + eve.RefreshToken[74:]
		tokens["a secret of zeros"] = ada.RefreshToken[:32] + strings.Repeat("A", 42) + ada.RefreshToken[74:]
		tokens["no tag"] = ada.RefreshToken[:74]
		tokens["more than a token"] = ada.RefreshToken + "A"
		wantRejected(s, ada, tokens, func(token string) answer {
			return s.do(call{method: "POST", path: "/auth/refresh", token: token})
		})
		s.refresh(eve.RefreshToken)
	})
}

// A link in a mail works only with its own token. Requests with other tokens do not use up the link.
func TestLinksTakeNoOtherTokens(t *testing.T) {
	eachEngineWith(t, map[string]string{"RESET_LIMIT": "1000/1h"}, func(s *testServer) {
		ada, eve := s.signedIn("ada@example.com"), s.signedIn("eve@example.com")
		s.services.Config.Activation = true
		s.start()
		s.signUp("grace@example.com")
		activation, reset := s.linkToken("grace@example.com", activationSubject), s.requestReset("ada@example.com")
		email := s.requestEmail(eve.Token, "eve@example.com", "new@example.com")
		tokens := badTokens(s, ada, eve)
		tokens["an access token"], tokens["a refresh token"] = ada.Token, ada.RefreshToken
		for name, token := range tokens {
			for way, a := range map[string]answer{
				"activation": s.get("/users/activate/"+token, ""),
				"e-mail":     s.get("/users/email/"+token, ""),
				"reset":      s.reset(token, otherPassword),
			} {
				if a.status != http.StatusNotFound || string(a.body) != deadLinkJSON {
					s.Errorf("%s of %s: %d %s", way, name, a.status, a.body)
				}
			}
		}
		s.get("/users/activate/"+activation, "").want(http.StatusOK, activatedJSON)
		s.get("/users/email/"+email, "").want(http.StatusOK, emailChangedJSON)
		s.reset(reset, otherPassword).want(http.StatusOK, resetDoneJSON)
	})
}

// claimsOf returns the claims of a token without verifying it.
func claimsOf(s *testServer, token string) jwt.MapClaims {
	s.Helper()
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(token, claims); err != nil {
		s.Fatal(err)
	}
	return claims
}

// tutorialToken returns a token as the tutorial's code would sign it.
func tutorialToken(s *testServer, userID string) string {
	s.Helper()
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"user_id": userID}).SignedString(testSecret)
	if err != nil {
		s.Fatal(err)
	}
	return token
}
