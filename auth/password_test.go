package auth

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"bookplate/models"
)

var cheap = Argon2{Memory: 64, Time: 1, Threads: 1}

func TestHashAndVerify(t *testing.T) {
	h := NewHasher(cheap)
	stored, err := h.Hash(t.Context(), "Abc@123")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(stored, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Errorf("the hash is %s", stored)
	}
	if again, err := h.Hash(t.Context(), "Abc@123"); err != nil || again == stored {
		t.Errorf("two hashes of the same password are equal (%v)", err)
	}
	for password, want := range map[string]bool{"Abc@123": true, "Abc@124": false, "Abc@123 ": false, "": false} {
		ok, outdated, err := h.Verify(t.Context(), stored, password)
		if ok != want || outdated || err != nil {
			t.Errorf("%q: ok %t, outdated %t, error %v", password, ok, outdated, err)
		}
	}
	if ok, outdated, err := NewHasher(OWASP).Verify(t.Context(), stored, "Abc@123"); !ok || !outdated || err != nil {
		t.Errorf("a hash of another cost: ok %t, outdated %t, error %v; want it to match and be outdated", ok, outdated, err)
	}
}

// foreignHashes are hashes of other programs: Python's hashlib in Werkzeug's format, and the argon2 reference command.
var foreignHashes = map[string]string{
	"pbkdf2 sha256": "pbkdf2:sha256:260000$9bXJ2qSx$63832a2c4872cc823c78c505d4f2b5581e03c6f47203533f84b3805e23757088",
	"pbkdf2 sha512": "pbkdf2:sha512:1000$9bXJ2qSx$cf3155690a6754946d76860743ef9d09524e0fbfc7d59d902d1c5290d18c6984" +
		"747df1f5ae4dd4461f0e4424c6608e39e28fb488494b7ba21ae76332b8850ba0",
	"pbkdf2 sha1": "pbkdf2:sha1:1000$9bXJ2qSx$da6446921d44c985e446266de99cc98582b3cf4c",
	"scrypt": "scrypt:32768:8:1$TLuQ3yxz$ef2c776cc1f1004644abf6c3177db091411de83d86336643326e7bb2be6f3115" +
		"8be36bf3c4549710a63c0dda7ea2bf2f552a9b0b09db148325cd16c9d985618c",
	"argon2id": "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$gQ4hgLUN5ZuNd4VDmwpZRzF1MvSC2cd7BW7nSteq2no",
}

func TestVerifyForeignHashes(t *testing.T) {
	h := NewHasher(OWASP)
	for name, stored := range foreignHashes {
		ok, outdated, err := h.Verify(t.Context(), stored, "Abc@123")
		if !ok || outdated != (name != "argon2id") || err != nil {
			t.Errorf("%s: ok %t, outdated %t, error %v", name, ok, outdated, err)
		}
		if ok, _, err := h.Verify(t.Context(), stored, "Abc@124"); ok || err != nil {
			t.Errorf("%s matches another password (%v)", name, err)
		}
	}
}

// Verifying a password takes the same time whether or not the account exists.
func TestDecoyCostsTheSame(t *testing.T) {
	h := NewHasher(OWASP)
	if ok, _, err := h.Verify(t.Context(), "", ""); ok || err != nil {
		t.Errorf("no hash: ok %t, error %v", ok, err)
	}
	if decoy, isArgon2 := h.decoy.(argon2Hash); !isArgon2 || decoy.cost != OWASP || len(decoy.key) != keyLength {
		t.Errorf("the decoy is %+v", h.decoy)
	}
}

// The number of waiting calls is limited, and a cancelled call stops waiting.
func TestQueue(t *testing.T) {
	h := NewHasher(cheap)
	for range cap(h.slots) {
		if err := h.acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	var mu sync.Mutex
	codes := map[models.Code]int{}
	for range maxWaiting {
		wg.Go(func() {
			_, err := h.Hash(ctx, "Abc@123")
			mu.Lock()
			defer mu.Unlock()
			codes[models.CodeOf(err)]++
		})
	}
	for h.waiting.Load() < maxWaiting {
		time.Sleep(time.Millisecond)
	}
	if _, _, err := h.Verify(t.Context(), "", ""); models.CodeOf(err) != models.Unavailable {
		t.Errorf("one too many: %v, want Unavailable", err)
	}
	cancel()
	wg.Wait()
	if codes[models.Unavailable] != maxWaiting {
		t.Errorf("codes %v, want Unavailable for all cancelled calls", codes)
	}
	h.release()
	if _, err := h.Hash(t.Context(), "Abc@123"); err != nil {
		t.Errorf("after a slot was released: %v", err)
	}
}

// BenchmarkVerify compares a wrong password for an account that exists with one for an account that does not.
func BenchmarkVerify(b *testing.B) {
	h := NewHasher(OWASP)
	stored, err := h.Hash(b.Context(), "Abc@123")
	if err != nil {
		b.Fatal(err)
	}
	for name, hash := range map[string]string{"known": stored, "unknown": ""} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, _, err := h.Verify(b.Context(), hash, "Abc@124"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
