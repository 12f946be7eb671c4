package plaintext

import "testing"

func TestOf(t *testing.T) {
	for markup, want := range map[string]string{
		"":                                    "",
		"1 < 2 & 3 > 2":                       "1 < 2 & 3 > 2",
		"<p>One &amp; two</p><p>Three</p>":    "One & two\n\nThree",
		"One<br>two<BR/>  three  words":       "One\ntwo\nthree words",
		"<b>Bold</b> and <a href='x'>not</a>": "Bold and not",
		"One\n\n\n\ntwo":                      "One\n\ntwo",
		"<script>cut</script>off <":           "cutoff <",
	} {
		if got := Of(markup); got != want {
			t.Errorf("%q becomes %q, want %q", markup, got, want)
		}
	}
}
