package auth

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
)

// Sealer encrypts answers that the database keeps, by AES-256-GCM with a key derived from the signing secret. A reader of
// the database or of a backup does not learn the secrets in them, such as the links of invitations.
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

// Seal encrypts content. It can only be opened with the same name.
func (s Sealer) Seal(content []byte, name string) []byte {
	return s.aead.Seal(nil, nil, content, []byte(name)) //nolint:gosec // G407: the AEAD makes the nonce
}

// Open decrypts what Seal has returned. It returns an error if the secret or the name is another one, or if it was changed.
func (s Sealer) Open(sealed []byte, name string) ([]byte, error) {
	return s.aead.Open(nil, nil, sealed, []byte(name))
}
