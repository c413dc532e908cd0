package main

import (
	"encoding/hex"
	"regexp"
)

// A byte that a name is to hold on the wire, whatever XML says of it.
var rawByte = regexp.MustCompile(`\\x[0-9a-f]{2}`)

// hasRawNames says whether a scenario asks for such bytes.
func hasRawNames(s *Scenario) bool {
	for _, group := range s.Guests {
		if rawByte.MatchString(group.Name) {
			return true
		}
	}
	return false
}

// withRawBytes is an answer's body as a server sends it that does not look at what names hold.
func withRawBytes(body []byte) []byte {
	return rawByte.ReplaceAllFunc(body, func(word []byte) []byte {
		raw, _ := hex.DecodeString(string(word[2:])) // it is two digits
		return raw
	})
}
