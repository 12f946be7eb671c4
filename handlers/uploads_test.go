package handlers

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"net/http"
	"os"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// encoded returns a picture as a file, encoded by the function encode.
func encoded(t testing.TB, encode func(b *bytes.Buffer, img image.Image) error) string {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 300, 200))
	red := image.NewUniform(color.RGBA{0xd0, 0x20, 0x20, 0xff})
	draw.Draw(img, image.Rect(50, 20, 200, 180), red, image.Point{}, draw.Src)
	var b bytes.Buffer
	if err := encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func toPNG(b *bytes.Buffer, img image.Image) error  { return png.Encode(b, img) }
func toGIF(b *bytes.Buffer, img image.Image) error  { return gif.Encode(b, img, nil) }
func toBMP(b *bytes.Buffer, img image.Image) error  { return bmp.Encode(b, img) }
func toTIFF(b *bytes.Buffer, img image.Image) error { return tiff.Encode(b, img, nil) }
func toJPEG(b *bytes.Buffer, img image.Image) error { return jpeg.Encode(b, img, nil) }

func toGrey(b *bytes.Buffer, img image.Image) error {
	grey := image.NewGray(img.Bounds())
	draw.Draw(grey, grey.Rect, img, image.Point{}, draw.Src)
	return jpeg.Encode(b, grey, nil)
}

// toAnimation encodes a picture as a GIF of 1,000 frames.
func toAnimation(b *bytes.Buffer, img image.Image) error {
	frame := image.NewPaletted(img.Bounds(), color.Palette{color.Black, color.White})
	animation := &gif.GIF{}
	for range 1000 {
		animation.Image, animation.Delay = append(animation.Image, frame), append(animation.Delay, 1)
	}
	return gif.EncodeAll(b, animation)
}

// testdata returns the content of a test file, in a format that Go cannot encode.
func testdata(t testing.TB, name string) string {
	t.Helper()
	content, err := os.ReadFile("../covers/testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// plainPNG returns a PNG of one colour, with one bit per pixel.
func plainPNG(width, height int) string {
	var pixels bytes.Buffer
	w, _ := zlib.NewWriterLevel(&pixels, zlib.BestSpeed)
	row := make([]byte, 1+(width+7)/8)
	for range height {
		_, _ = w.Write(row) // to memory
	}
	_ = w.Close()
	return pngFile(width, height, 1, 0, pixels.Bytes())
}

// pngFile returns a PNG with the given bit depth, colour type and compressed pixels.
func pngFile(width, height int, depth, colourType byte, pixels []byte) string {
	chunk := func(name string, content []byte) []byte {
		b := binary.BigEndian.AppendUint32(nil, uint32(len(content)))
		b = append(append(b, name...), content...)
		return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
	}
	header := binary.BigEndian.AppendUint32(nil, uint32(width))
	header = append(binary.BigEndian.AppendUint32(header, uint32(height)), depth, colourType, 0, 0, 0)
	return "\x89PNG\r\n\x1a\n" +
		string(bytes.Join([][]byte{chunk("IHDR", header), chunk("IDAT", pixels), chunk("IEND", nil)}, nil))
}

// hugeJPEG consists of the headers of a JPEG of 65535×65535 pixels, and has no pixels.
const hugeJPEG = "\xff\xd8\xff\xc0\x00\x11\x08\xff\xff\xff\xff\x03\x01\x11\x00\x02\x11\x00\x03\x11\x00" +
	"\xff\xda\x00\x0c\x03\x01\x00\x02\x00\x03\x00\x00\x3f\x00"

// shortWebP is a complete lossless WebP of 8000×8000 pixels in 36 bytes.
const shortWebP = "RIFF\x1c\x00\x00\x00WEBPVP8L\x10\x00\x00\x00" +
	"\x2f\x3f\xdf\xcf\x17\x88\x88\x08\x00\x00\x00\x00\x00\x00\x00\x00"

// bookWith returns the form for a new book whose cover is this file.
func bookWith(t testing.TB, title, file string) []field {
	form := bookForm(t, title)
	form[3].value = file
	return form
}

func TestInvalidCovers(t *testing.T) {
	const noPicture = "must be a JPEG, PNG, GIF or WebP picture"
	const damaged = "is damaged or of an unusual kind; save it anew as a JPEG or PNG picture"
	cut := func(file string) string { return file[:len(file)*2/3] }
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	old := s.readCovers(s.addBook(ada.Token, "Old").ID, ada.Token)
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	for name, c := range map[string]struct{ file, want string }{
		"empty":              {"", "is empty"},
		"PDF":                {"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< >>", noPicture},
		"SVG":                {`<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>`, noPicture},
		"HTML":               {"<!doctype html><script>alert(1)</script>", noPicture},
		"TIFF":               {encoded(t, toTIFF), noPicture},
		"BMP named .jpg":     {encoded(t, toBMP), noPicture},
		"HTML, then JPEG":    {"<script>alert(1)</script>" + encoded(t, toJPEG), noPicture},
		"truncated JPEG":     {cut(encoded(t, toJPEG)), damaged},
		"truncated PNG":      {cut(encoded(t, toPNG)), damaged},
		"truncated GIF":      {cut(encoded(t, toGIF)), damaged},
		"truncated WebP":     {cut(testdata(t, "lossy.webp")), damaged},
		"65535² by header":   {hugeJPEG, "has 4294836225 pixels; at most 64000000 are accepted"},
		"36 bytes for 8000²": {shortWebP, damaged},
		"30000² PNG":         {plainPNG(30_000, 30_000), "has 900000000 pixels; at most 64000000 are accepted"},
		"8000² of 16 bits": {
			pngFile(8000, 8000, 16, 6, make([]byte, 10_000)),
			"needs 489 MiB to be decoded, more than the 256 MiB there are; save it smaller, or as a JPEG in RGB",
		},
	} {
		s.subtest(name, func(s *testServer) {
			s.wantCoverRejected(ada.Token, old.ID, c.file, c.want)
			s.wantOnlyCover(ada.Token, old)
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				s.Errorf("left in the temporary folder: %v (%v)", left, err)
			}
		})
	}
}

// wantCoverRejected sends a file as the cover of a new book, and as the cover of the existing book with the id old. It
// checks that both requests are rejected for this reason and take little memory.
func (s *testServer) wantCoverRejected(token, old, file, reason string) {
	s.Helper()
	want := fmt.Sprintf(`{"message":"Invalid data","data":null,"error":{"cover_image":%q}}`, reason)
	form := bookWith(s.TB, "New", file)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	s.form("POST", "/books/", token, form...).want(http.StatusBadRequest, want)
	s.form("PUT", "/books/"+old+"/cover", token, form[3]).want(http.StatusBadRequest, want)
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 8<<20 {
		s.Errorf("%d bytes were allocated for a file of %d", n, len(file))
	}
}

// wantOnlyCover checks that a user has only this book, that no other cover is stored, and that its cover can be opened.
func (s *testServer) wantOnlyCover(token string, want bookCovers) {
	s.Helper()
	books := data[[]bookCovers](s.get("/books/", token), "successfully retrieved all books")
	if len(books) != 1 || !reflect.DeepEqual(books[0], want) || s.coverCount() != 1 {
		s.Fatalf("%d covers, books %+v, want only %+v", s.coverCount(), books, want)
	}
	for _, url := range want.Covers {
		s.get(s.pathOf(url), "").wantStatus(http.StatusOK)
	}
}

func TestValidCovers(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	for name, c := range map[string]struct {
		file string
		want image.Point
	}{
		"JPEG":                   {encoded(t, toJPEG), image.Pt(150, 100)},
		"progressive JPEG":       {testdata(t, "progressive.jpg"), image.Pt(150, 113)},
		"grey JPEG":              {encoded(t, toGrey), image.Pt(150, 100)},
		"CMYK JPEG":              {testdata(t, "cmyk.jpg"), image.Pt(150, 100)},
		"PNG":                    {encoded(t, toPNG), image.Pt(150, 100)},
		"GIF":                    {encoded(t, toGIF), image.Pt(150, 100)},
		"GIF of 1,000 frames":    {encoded(t, toAnimation), image.Pt(150, 100)},
		"WebP":                   {testdata(t, "lossy.webp"), image.Pt(150, 113)},
		"WebP with transparency": {testdata(t, "lossy-alpha.webp"), image.Pt(80, 80)},
	} {
		t.Run(name, func(t *testing.T) {
			a := s.form("POST", "/books/", ada.Token, bookWith(t, name, c.file)...)
			b := data[book](a.wantStatus(http.StatusCreated), "successfully created a new book")
			if got := s.pictureSize(b.ImageURL); got != c.want {
				t.Errorf("the thumbnail is %v, want %v", got, c.want)
			}
		})
	}
}

// A file may be both a JPEG and an HTML page. The server encodes the picture anew, so what it serves contains nothing
// of the page.
func TestPolyglot(t *testing.T) {
	const page = "<script>alert(1)</script>"
	file := encoded(t, toJPEG)
	comment := "\xff\xfe\x00" + string(rune(2+len(page))) + page
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	a := s.form("POST", "/books/", ada.Token, bookWith(t, "Notes", file[:2]+comment+file[2:]+page)...)
	b := data[bookCovers](a.wantStatus(http.StatusCreated), "successfully created a new book")
	for size, url := range b.Covers {
		served := s.get(s.pathOf(url), "").wantStatus(http.StatusOK)
		served.wantHeader("Content-Type", "image/jpeg")
		served.wantHeader("X-Content-Type-Options", "nosniff")
		if strings.Contains(string(served.body), "script") || !bytes.HasSuffix(served.body, []byte("\xff\xd9")) {
			t.Errorf("size %s contains part of the upload", size)
		}
	}
}

// The name of an uploaded file is ignored.
func TestFileNames(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	for i, name := range []string{
		"../../../etc/passwd", `..\..\boot.ini`, "/etc/passwd", "a/b.jpg", "..", "cover", ".jpg", "cover.php", "cover.svg",
		strings.Repeat("a", 1024) + ".jpg", "обложка 封面 🕮.jpg", "\xff\xfe.jpg", "a\tb.jpg", `quo\"te.jpg`,
	} {
		title := fmt.Sprint("Volume ", i)
		body := "--x\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\n" + title +
			"\r\n--x\r\nContent-Disposition: form-data; name=\"category\"\r\n\r\nscience" +
			"\r\n--x\r\nContent-Disposition: form-data; name=\"cover_image\"; filename=\"" + name + "\"\r\n\r\n" +
			picture(t, 9, 9) + "\r\n--x--\r\n"
		a := s.do(call{
			method: "POST", path: "/books/", token: ada.Token, contentType: "multipart/form-data; boundary=x", body: body,
		})
		b := data[book](a.wantStatus(http.StatusCreated), "successfully created a new book")
		if name := strings.TrimPrefix(s.pathOf(b.ImageURL), "/static/books/"); len(name) != len("-150.jpg")+48 {
			t.Errorf("the picture's name is %s", name)
		}
	}
	if n := s.coverCount(); n != 14 {
		t.Errorf("%d covers for 14 books", n)
	}
}

// A part of a form whose header has a NUL character is malformed.
func TestFileNameWithNUL(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	form := bookForm(t, "Notes")
	contentType, body := formBody(t, form...)
	body = strings.Replace(body, `filename="cover.jpg"`, "filename=\"a\x00b.jpg\"", 1)
	a := s.do(call{method: "POST", path: "/books/", token: ada.Token, contentType: contentType, body: body})
	a.want(http.StatusBadRequest,
		`{"message":"Invalid data","data":null,"error":"the body is malformed or was cut short"}`)
	if n := s.coverCount(); n != 0 {
		t.Errorf("%d covers are left", n)
	}
}

// In a form, the cover may come before the other fields, between them or after them.
func TestPositionOfTheCover(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	for i := range 4 {
		form := bookForm(t, fmt.Sprint("Volume ", i))
		form[i], form[3] = form[3], form[i]
		a := s.form("POST", "/books/", ada.Token, form...)
		b := data[book](a.wantStatus(http.StatusCreated), "successfully created a new book")
		if b.Title != fmt.Sprint("Volume ", i) || b.Category != "science" {
			t.Errorf("picture at %d: %+v", i, b)
		}
		s.get(s.pathOf(b.ImageURL), "").wantStatus(http.StatusOK)
	}
	form := bookForm(t, "Two covers")
	s.form("POST", "/books/", ada.Token, append(form, form[3])...).want(http.StatusBadRequest,
		`{"message":"Invalid data","data":null,"error":{"cover_image":"must be one file"}}`)
	if n := s.coverCount(); n != 4 {
		t.Errorf("%d covers for 4 books", n)
	}
}
