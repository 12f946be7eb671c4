// Package plaintext converts the HTML of other programs to text.
package plaintext

import (
	"strings"

	"golang.org/x/net/html"
)

var breaks = map[string]bool{"br": true, "p": true, "div": true, "li": true, "ul": true, "ol": true, "h1": true, "h2": true, "h3": true}

// Of converts HTML to text. In a text without markup, it changes only white space.
func Of(markup string) string {
	var text strings.Builder
	for tokens := html.NewTokenizer(strings.NewReader(markup)); ; {
		switch tokens.Next() {
		case html.ErrorToken:
			return paragraphs(text.String())
		case html.TextToken:
			text.Write(tokens.Text())
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			if name, _ := tokens.TagName(); breaks[string(name)] {
				text.WriteByte('\n')
			}
		}
	}
}

// paragraphs trims each line, and reduces several empty lines to one.
func paragraphs(text string) string {
	var lines []string
	for l := range strings.Lines(text) {
		l = strings.Join(strings.Fields(l), " ")
		if l != "" || len(lines) > 0 && lines[len(lines)-1] != "" {
			lines = append(lines, l)
		}
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}
