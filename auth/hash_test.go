package auth

import (
	"strings"
	"testing"
)

// A damaged hash matches no password and causes no panic.
func TestDamagedHashes(t *testing.T) {
	const salt, key = "c29tZXNhbHRzb21lc2FsdA", "gQ4hgLUN5ZuNd4VDmwpZRzF1MvSC2cd7BW7nSteq2no"
	hexKey := strings.Repeat("ab", 32)
	h := NewHasher(cheap)
	for _, stored := range []string{
		"", "Abc@123", "$", "$2b$12$abcdefghijklmnopqrstuv",
		"$argon2id$", "$argon2id$v=19$m=64,t=1,p=1$" + salt,
		"$argon2i$v=19$m=64,t=1,p=1$" + salt + "$" + key,
		"$argon2id$v=16$m=64,t=1,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=4294967295,t=1,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=64,t=4294967295,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=64,t=0,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=64,t=1,p=0$" + salt + "$" + key,
		"$argon2id$v=19$m=64,t=1,p=256$" + salt + "$" + key,
		"$argon2id$v=19$m=-64,t=1,p=1$" + salt + "$" + key,
		"$argon2id$v=19$t=1,m=64,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=64,t=1,p=1$$" + key,
		"$argon2id$v=19$m=64,t=1,p=1$" + salt + "$",
		"$argon2id$v=19$m=64,t=1,p=1$!$" + key,
		"pbkdf2:sha256:1000$salt$", "pbkdf2:sha256:1000$salt$zz", "pbkdf2:sha256$salt$" + hexKey,
		"pbkdf2:md5:1000$salt$" + hexKey, "pbkdf2:sha256:0$salt$" + hexKey, "pbkdf2:sha256:99999999999$salt$" + hexKey,
		"scrypt:32768:8$salt$" + hexKey, "scrypt:32767:8:1$salt$" + hexKey, "scrypt:1073741824:8:1$salt$" + hexKey,
		"scrypt:2:1073741824:1$salt$" + hexKey, "scrypt:32768:8:1000$salt$" + hexKey,
		"plain$$Abc@123",
	} {
		if ok, _, err := h.Verify(t.Context(), stored, "Abc@123"); ok || err != nil {
			t.Errorf("%s: ok %t, error %v", stored, ok, err)
		}
	}
}

func FuzzParseHash(f *testing.F) {
	for _, stored := range foreignHashes {
		f.Add(stored)
	}
	f.Add("$argon2id$v=19$m=262144,t=32,p=255$$")
	f.Fuzz(func(t *testing.T, stored string) {
		parsed, err := parseHash(stored)
		if err != nil {
			return
		}
		a, isArgon2 := parsed.(argon2Hash)
		if !isArgon2 {
			return
		}
		if a.cost.Memory > maxMemory || a.cost.Time > maxTime || a.cost.Time == 0 || a.cost.Threads == 0 || len(a.key) > maxKey {
			t.Errorf("%q has the cost %+v", stored, a.cost)
		}
		again, err := parseHash(a.String())
		if err != nil || again.(argon2Hash).String() != a.String() {
			t.Errorf("%q is formatted as %q, which is parsed as %v (%v)", stored, a, again, err)
		}
	})
}
