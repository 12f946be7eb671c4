package web

import (
	"os"
	"runtime"
	"strings"
	"testing"

	"bookplate/models"
)

// FuzzForm checks that every form is either read or rejected as the client's fault, and that no temporary file is left.
func FuzzForm(f *testing.F) {
	whole := "--x\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nNotes\r\n" +
		"--x\r\nContent-Disposition: form-data; name=\"cover_image\"; filename=\"c.jpg\"\r\n\r\n\xff\xd8\r\n--x--\r\n"
	for _, seed := range []string{
		"", whole, "--x--\r\n", "--x\r\n\r\n\r\n--x--",
		"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n2\r\n--x--\r\n",
		"--x\r\nContent-Disposition: form-data; name=\"cover_image\"; filename=\"../../x\x00\"\r\n\r\n\r\n--x--\r\n",
		"--x\r\nContent-Disposition: form-data; name*=utf-8''a; filename*=iso-8859-1''%ff\r\n\r\n1\r\n--x--\r\n",
		"--x\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n=3\r\n--x--\r\n",
	} {
		f.Add([]byte(seed))
	}
	dir := f.TempDir()
	f.Setenv("TMPDIR", dir)
	f.Fuzz(func(t *testing.T, content []byte) {
		b, err := readForm(strings.NewReader(string(content)), "x", CoverField, &heldText{stop: func() {}})
		switch code := models.CodeOf(err); {
		case err == nil:
			if len(b.values) > maxParts {
				t.Errorf("%d values", len(b.values))
			}
			b.Close()
		case code != models.Invalid && code != models.TooLarge:
			t.Errorf("%v: %v", code, err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	})
}

// The size of a part's headers must be limited while they are read, because package multipart parses all headers of a
// part before it returns the part.
func TestLongHeadersTakeLittleMemory(t *testing.T) {
	form := "--x\r\nContent-Disposition: form-data; name=\"" + strings.Repeat("a", 9<<20) + "\"\r\n\r\n\r\n--x--\r\n"
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := readForm(strings.NewReader(form), "x", CoverField, &heldText{stop: func() {}})
	runtime.ReadMemStats(&after)
	if models.CodeOf(err) != models.TooLarge {
		t.Errorf("got %v, want TooLarge", err)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("%d bytes were allocated", n)
	}
}

func TestFormatBytes(t *testing.T) {
	for size, want := range map[int64]string{
		20 << 20: "20 MiB (20971520 bytes)", 1500 << 10: "1500 KiB (1536000 bytes)", 1 << 30: "1 GiB (1073741824 bytes)",
		1<<20 + 1: "1048577 bytes", 512: "512 bytes",
	} {
		if got := formatBytes(size); got != want {
			t.Errorf("%d is %s, want %s", size, got, want)
		}
	}
}
