package auth

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// MinSecret is the minimum length of the signing secret in bytes. HS256 requires a key that is at least as long as its
// hash (RFC 7518, section 3.2).
const MinSecret = 32

// LoadSecret returns the signing secret in a file. If the file does not exist, LoadSecret creates it with a new secret
// and mode 0600. It returns an error if the secret is shorter than MinSecret, or is one byte repeated.
func LoadSecret(path string) ([]byte, error) {
	secret, err := readSecret(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return secret, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	if err := createSecret(path); err != nil {
		return nil, err
	}
	return readSecret(path)
}

func readSecret(path string) ([]byte, error) {
	content, err := os.ReadFile(path) //nolint:gosec // the path is a setting of the operator
	if err != nil {
		return nil, err
	}
	secret := strings.Trim(string(content), " \t\r\n\x00") // a crash can leave zeros at the end of a file
	if len(secret) < MinSecret {
		return nil, fmt.Errorf("%s: the secret has %d bytes, want at least %d; delete the file to create a new secret",
			path, len(secret), MinSecret)
	}
	if strings.Count(secret, secret[:1]) == len(secret) {
		return nil, fmt.Errorf("%s: the secret is one byte repeated; delete the file to create a new secret", path)
	}
	return []byte(secret), nil
}

// createSecret writes a new secret to a temporary file and renames it, so that a crash leaves no partial secret.
func createSecret(path string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".secret-*") // its mode is 0600
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(f, base64.RawURLEncoding.EncodeToString(random(MinSecret)))
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
