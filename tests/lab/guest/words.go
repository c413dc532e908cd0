package guest

import (
	"errors"
	"strings"
)

var errQuoting = errors.New("a quote is not closed")

// SplitWords splits an argument string into words by the shell's rules of quoting (POSIX, 2.2):
// single quotes, double quotes, backslashes; nothing is expanded.
func SplitWords(text string) ([]string, error) {
	var words []string
	var word strings.Builder
	inWord := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case ' ', '\t', '\n':
			if inWord {
				words = append(words, word.String())
				word.Reset()
				inWord = false
			}
		case '\'', '"':
			length := quotedLength(text[i+1:], c)
			if length < 0 {
				return nil, errQuoting
			}
			word.WriteString(unquoted(text[i+1:i+1+length], c))
			i += length + 1
			inWord = true
		case '\\':
			if i++; i == len(text) {
				return nil, errQuoting
			}
			if text[i] != '\n' {
				word.WriteByte(text[i])
				inWord = true
			}
		default:
			word.WriteByte(c)
			inWord = true
		}
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, nil
}

// quotedLength is how far it is to the closing quote; -1 if there is none.
func quotedLength(text string, quote byte) int {
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == quote:
			return i
		case text[i] == '\\' && quote == '"':
			i++
		}
	}
	return -1
}

// unquoted takes out the backslashes that mean something between double quotes.
func unquoted(text string, quote byte) string {
	if quote == '\'' {
		return text
	}
	var plain strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) && strings.IndexByte("$`\"\\\n", text[i+1]) >= 0 {
			if i++; text[i] == '\n' {
				continue
			}
		}
		plain.WriteByte(text[i])
	}
	return plain.String()
}
