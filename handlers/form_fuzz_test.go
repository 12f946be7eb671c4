package handlers

import (
	"os"
	"strings"
	"testing"

	"bookplate/models"
)

// FuzzForm: whatever the bytes of a form, they are read or refused, the refusal is not the server's fault, and no file is
// left behind.
func FuzzForm(f *testing.F) {
	_, whole := formBody(f, field{name: "title", value: "Notes"}, field{name: "cover_image", value: "\xff\xd8", file: "c.jpg"})
	boundary := strings.TrimPrefix(whole[:strings.Index(whole, "\r\n")], "--")
	for _, seed := range []string{
		"", strings.ReplaceAll(whole, boundary, "x"), "--x--\r\n", "--x\r\n\r\n\r\n--x--",
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
		b, err := readForm(strings.NewReader(string(content)), "x")
		switch code := models.CodeOf(err); {
		case err == nil:
			if len(b.values) > maxParts {
				t.Errorf("%d values", len(b.values))
			}
			b.close()
		case code != models.Invalid && code != models.TooLarge:
			t.Errorf("%v: %v", code, err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	})
}
