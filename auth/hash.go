package auth

import (
	"crypto/pbkdf2"
	"crypto/sha1" //nolint:gosec // old Werkzeug hashes use it inside PBKDF2, where collisions of SHA-1 do not matter
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	stdhash "hash"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/scrypt"
)

// Limits for the cost of a stored hash. Without them, a manipulated row could exhaust the server. They are many times
// higher than the costs recommended today.
const (
	maxMemory     = 256 * 1024 // KiB, argon2
	maxTime       = 32         // passes, argon2
	maxIterations = 10_000_000 // pbkdf2
	maxScrypt     = 256 << 20  // bytes: 128·N·r
	maxScryptP    = 16
	maxKey        = 128 // bytes
)

var errHash = errors.New("unknown or damaged password hash")

// parseHash parses a stored hash: argon2id in the PHC string format, or Werkzeug's pbkdf2 and scrypt.
func parseHash(s string) (hash, error) {
	switch {
	case strings.HasPrefix(s, "$argon2id$"):
		return parseArgon2(s)
	case strings.HasPrefix(s, "pbkdf2:"), strings.HasPrefix(s, "scrypt:"):
		return parseWerkzeug(s)
	}
	return nil, errHash
}

// String returns the hash in the PHC string format. The parameters have the order of the argon2 reference code.
func (a argon2Hash) String() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		a.cost.Memory, a.cost.Time, a.cost.Threads, b64.EncodeToString(a.salt), b64.EncodeToString(a.key))
}

func parseArgon2(s string) (hash, error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return nil, errHash
	}
	var a argon2Hash
	costs := strings.Split(parts[3], ",")
	if len(costs) != 3 {
		return nil, errHash
	}
	memory, err1 := parameter(costs[0], "m=", maxMemory)
	passes, err2 := parameter(costs[1], "t=", maxTime)
	threads, err3 := parameter(costs[2], "p=", 255)
	salt, err4 := base64.RawStdEncoding.DecodeString(parts[4])
	key, err5 := base64.RawStdEncoding.DecodeString(parts[5])
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		return nil, fmt.Errorf("%w: %w", errHash, err)
	}
	if len(salt) == 0 || len(key) < 16 || len(key) > maxKey {
		return nil, errHash
	}
	a.cost = Argon2{Memory: uint32(memory), Time: uint32(passes), Threads: uint8(threads)} //nolint:gosec // limits checked above
	a.salt, a.key = salt, key
	return a, nil
}

// parameter parses a prefix that is followed by a number from 1 to limit.
func parameter(s, prefix string, limit int) (int, error) {
	digits, found := strings.CutPrefix(s, prefix)
	n, err := strconv.Atoi(digits)
	if !found || err != nil || n < 1 || n > limit {
		return 0, errHash
	}
	return n, nil
}

// werkzeugHash is a hash of Werkzeug's generate_password_hash, "method$salt$hex". The salt is used as text.
type werkzeugHash struct {
	derive func(password, salt []byte, length int) ([]byte, error)
	salt   string
	key    []byte
}

func (w werkzeugHash) matches(password string) bool {
	key, err := w.derive([]byte(password), []byte(w.salt), len(w.key))
	return err == nil && subtle.ConstantTimeCompare(key, w.key) == 1
}

func parseWerkzeug(s string) (hash, error) {
	parts := strings.Split(s, "$")
	if len(parts) != 3 {
		return nil, errHash
	}
	key, err := hex.DecodeString(parts[2])
	if err != nil || len(key) < 16 || len(key) > maxKey {
		return nil, errHash
	}
	w := werkzeugHash{salt: parts[1], key: key}
	method, arguments, _ := strings.Cut(parts[0], ":")
	if method == "scrypt" {
		w.derive, err = werkzeugScrypt(arguments)
	} else {
		w.derive, err = werkzeugPBKDF2(arguments)
	}
	if err != nil {
		return nil, err
	}
	return w, nil
}

// werkzeugScrypt parses "N:r:p".
func werkzeugScrypt(arguments string) (func([]byte, []byte, int) ([]byte, error), error) {
	numbers := strings.Split(arguments, ":")
	if len(numbers) != 3 {
		return nil, errHash
	}
	n, err1 := parameter(numbers[0], "", maxScrypt)
	r, err2 := parameter(numbers[1], "", maxScrypt)
	p, err3 := parameter(numbers[2], "", maxScryptP)
	if errors.Join(err1, err2, err3) != nil || n > maxScrypt/128/r {
		return nil, errHash
	}
	return func(password, salt []byte, length int) ([]byte, error) {
		return scrypt.Key(password, salt, n, r, p, length)
	}, nil
}

var werkzeugDigests = map[string]func() stdhash.Hash{"sha1": sha1.New, "sha256": sha256.New, "sha512": sha512.New}

// werkzeugPBKDF2 parses "digest:iterations".
func werkzeugPBKDF2(arguments string) (func([]byte, []byte, int) ([]byte, error), error) {
	name, count, _ := strings.Cut(arguments, ":")
	digest := werkzeugDigests[name]
	iterations, err := parameter(count, "", maxIterations)
	if err != nil || digest == nil {
		return nil, errHash
	}
	return func(password, salt []byte, length int) ([]byte, error) {
		return pbkdf2.Key(digest, string(password), salt, iterations, length)
	}, nil
}
