package auth

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
)

// Sealer encrypts the answers that the database keeps with AES-256-GCM. The key is derived from the signing secret, so nobody
// who reads the database or a backup learns the secrets in the answers, such as the links of invitations.
type Sealer struct{ aead cipher.AEAD }

// NewSealer returns a Sealer with a key derived from secret.
func NewSealer(secret []byte) Sealer {
	key, err := hkdf.Key(sha256.New, secret, nil, "bookplate kept answer", 32)
	if err != nil {
		panic(err) // HKDF rejects only keys longer than 255 hashes
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // AES rejects only keys of another length
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // GCM rejects only ciphers of another block size
	}
	return Sealer{aead}
}

// Seal encrypts content and binds it to a name, without which Open cannot decrypt it.
func (s Sealer) Seal(content []byte, name string) []byte {
	return s.aead.Seal(nil, nil, content, []byte(name)) //nolint:gosec // G407: the AEAD makes the nonce
}

// Open decrypts what Seal has returned. It returns an error if it was sealed with another secret or name, or was changed
// since.
func (s Sealer) Open(sealed []byte, name string) ([]byte, error) {
	return s.aead.Open(nil, nil, sealed, []byte(name))
}
