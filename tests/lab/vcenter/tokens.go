package vcenter

import (
	"crypto/sha256"
	"fmt"
	"html"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Tokens knows every token that the vCenter's single sign-on gave. In place of a signature it keeps
// a digest: a token counts byte for byte as it was given.
type Tokens struct {
	mu    sync.Mutex
	given map[[sha256.Size]byte]span
}

type span struct{ from, to time.Time }

func newTokens() *Tokens { return &Tokens{given: map[[sha256.Size]byte]span{}} }

// tokenTemplate has what clients look at. The attribute is in single quotes, and holds a double one
// and blanks: who does not pass a token on as it is changes it.
const tokenTemplate = `<saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" ` +
	`xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ` +
	`ID="_%[1]s" IssueInstant="%[3]s" Version="2.0"><saml2:Issuer Format='of "the"  lab'>lab</saml2:Issuer>` +
	`<saml2:Subject><saml2:NameID Format="http://schemas.xmlsoap.org/claims/UPN">%[2]s</saml2:NameID>` +
	`<saml2:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">` +
	`<saml2:SubjectConfirmationData NotOnOrAfter="%[4]s"></saml2:SubjectConfirmationData>` +
	`</saml2:SubjectConfirmation></saml2:Subject>` + "\n" +
	`<saml2:Conditions NotBefore="%[3]s" NotOnOrAfter="%[4]s"/></saml2:Assertion>`

const tokenTime = "2006-01-02T15:04:05.000Z"

// Issue gives a token for a user.
func (t *Tokens) Issue(user string, from, to time.Time) string {
	text := fmt.Sprintf(tokenTemplate, uuid.New().String(), html.EscapeString(user),
		from.UTC().Format(tokenTime), to.UTC().Format(tokenTime))
	t.mu.Lock()
	defer t.mu.Unlock()
	t.given[sha256.Sum256([]byte(text))] = span{from, to}
	return text
}

// Accepts says whether a token was given here, and is good at a time.
func (t *Tokens) Accepts(token []byte, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	good, ok := t.given[sha256.Sum256(token)]
	return ok && !now.Before(good.from) && now.Before(good.to)
}
