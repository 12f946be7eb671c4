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

// MinSecret is the shortest signing secret accepted, in bytes: HS256 wants one as long as its hash (RFC 7518, 3.2).
const MinSecret = 32

// LoadSecret returns the signing secret kept in a file, after making it with mode 0600 if there is none.
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
	content, err := os.ReadFile(path) //nolint:gosec // the operator's own setting
	if err != nil {
		return nil, err
	}
	secret := strings.TrimSpace(string(content))
	if len(secret) < MinSecret {
		return nil, fmt.Errorf("%s: the secret in it has %d bytes, under %d; remove the file to have a new one made",
			path, len(secret), MinSecret)
	}
	return []byte(secret), nil
}

// createSecret writes the whole secret to a file beside its place and then renames that, so that no crash leaves half
// of one.
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
