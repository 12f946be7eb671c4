package models

import (
	"errors"
	"strings"
)

var (
	errISBNLength = errors.New("must be an ISBN of 10 or 13 digits")
	errISBNDigits = errors.New("does not add up: a digit of the ISBN is wrong")
)

// ParseISBN returns an ISBN as 13 digits. It accepts ISBN-10 and ISBN-13, with or without hyphens and spaces. It does
// not correct the check digit, because any digit may be the wrong one. The text of its error is for the client.
func ParseISBN(isbn string) (string, error) {
	digits := strings.NewReplacer("-", "", " ", "", "\u2010", "", "\u2011", "", "\u2013", "").Replace(strings.ToUpper(isbn))
	switch len(digits) {
	case 10:
		return isbn13(digits)
	case 13:
		if !strings.HasPrefix(digits, "978") && !strings.HasPrefix(digits, "979") || !allDigits(digits) {
			return "", errISBNLength
		}
		if checkDigit13(digits[:12]) != digits[12] {
			return "", errISBNDigits
		}
		return digits, nil
	}
	return "", errISBNLength
}

// isbn13 converts an ISBN-10.
func isbn13(isbn10 string) (string, error) {
	if !allDigits(isbn10[:9]) || !allDigits(isbn10[9:]) && isbn10[9] != 'X' {
		return "", errISBNLength
	}
	sum := 0
	for i, c := range isbn10 {
		value := int(c - '0')
		if c == 'X' {
			value = 10
		}
		sum += (10 - i) * value
	}
	if sum%11 != 0 {
		return "", errISBNDigits
	}
	digits := "978" + isbn10[:9]
	return digits + string(checkDigit13(digits)), nil
}

// checkDigit13 returns the last digit of an ISBN-13 with these first 12 digits.
func checkDigit13(digits string) byte {
	sum := 0
	for i, c := range []byte(digits) {
		sum += int(c-'0') * (1 + 2*(i%2))
	}
	return '0' + byte((10-sum%10)%10)
}

func allDigits(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < '0' || r > '9' })
}
