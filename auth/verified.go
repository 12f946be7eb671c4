package auth

import (
	"crypto/sha256"
	"sync"
	"time"
)

// maxVerified is the number of tokens that verifiedTokens keeps. An entry takes about 200 bytes.
const maxVerified = 10_000

// verifiedTokens remembers access tokens whose signature and claims were valid, because verifying a token takes as long
// as a query. It keeps their hashes, not the tokens. Its zero value is empty.
type verifiedTokens struct {
	mu     sync.RWMutex
	tokens map[[sha256.Size]byte]verifiedToken
}

// verifiedToken has the claims of a token and the period in which it is valid.
type verifiedToken struct {
	claims             Claims
	notBefore, expires time.Time
}

// get returns the claims of a token that is remembered and valid now.
func (v *verifiedTokens) get(key [sha256.Size]byte, now time.Time) (Claims, bool) {
	v.mu.RLock()
	token, found := v.tokens[key]
	v.mu.RUnlock()
	return token.claims, found && !now.Before(token.notBefore) && now.Before(token.expires)
}

// add remembers a token. If there are too many, it forgets all others, which are verified again when they are used.
func (v *verifiedTokens) add(key [sha256.Size]byte, token verifiedToken) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.tokens == nil || len(v.tokens) >= maxVerified {
		v.tokens = map[[sha256.Size]byte]verifiedToken{}
	}
	v.tokens[key] = token
}
