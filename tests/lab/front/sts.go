package front

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"html"
	"io"
	"net/http"
	"strings"
	"time"

	"ballast/lab/wire"
)

// stsPath is where the single sign-on of a vCenter is.
const stsPath = "/sts/STSService"

// How far a client's clock may be from the server's, and the longest life of a bearer token.
const (
	stsTolerance   = 10 * time.Minute
	longestBearer  = 5 * time.Minute
	wsTrust        = "http://docs.oasis-open.org/ws-sx/ws-trust/200512"
	samlAssertions = "urn:oasis:names:tc:SAML:2.0:assertion"
)

// tokenRequest is what the service looks at in an envelope.
type tokenRequest struct {
	Created  string `xml:"Header>Security>Timestamp>Created"`
	Expires  string `xml:"Header>Security>Timestamp>Expires"`
	Username string `xml:"Header>Security>UsernameToken>Username"`
	Password string `xml:"Header>Security>UsernameToken>Password"`

	Wanted struct {
		XMLName     xml.Name
		TokenType   string
		RequestType string
		KeyType     string
		From        string `xml:"Lifetime>Created"`
		To          string `xml:"Lifetime>Expires"`
	} `xml:"Body>RequestSecurityToken"`
}

// A fault of the service: no vim fault, but a code of WS-Trust or WS-Security.
type stsFault struct{ code, text string }

func (f *stsFault) answer() *wire.Answer {
	a := wire.NewAnswer(http.StatusInternalServerError)
	a.Header().Set("Content-Type", "text/xml; charset=utf-8")
	fmt.Fprintf(&a.Body, `<?xml version='1.0' encoding='UTF-8'?>`+
		`<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body>`+
		`<S:Fault xmlns:ns4="http://www.w3.org/2003/05/soap-envelope"><faultcode xmlns:ns0="%s">ns0:%s</faultcode>`+
		`<faultstring>%s</faultstring></S:Fault></S:Body></S:Envelope>`,
		wsTrust, html.EscapeString(f.code), html.EscapeString(f.text))
	return a
}

func (f *Front) serveSTS(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		http.Error(w, "SOAP requests are POST", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, wire.LargestRequest))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	f.Calls.Count("Issue")
	respond := func() *wire.Answer { return f.issue(r.Header.Get("SOAPAction"), body) }
	if fault := f.Faults.take("Issue"); fault != nil {
		f.misbehave(fault, w, r, &wire.Call{Method: "Issue", Body: body}, respond)
		return
	}
	respond().Send(w)
}

func (f *Front) issue(action string, body []byte) *wire.Answer {
	var request tokenRequest
	if err := xml.Unmarshal(body, &request); err != nil {
		return (&stsFault{"InvalidRequest", err.Error()}).answer()
	}
	now := time.Now()
	from, to, fault := f.judge(action, &request, now)
	if fault != nil {
		return fault.answer()
	}
	if life := time.Duration(f.Scenario.VCenter.TokenLifeMS) * time.Millisecond; to.Sub(from) > life {
		to = from.Add(life)
	}
	a := wire.NewAnswer(http.StatusOK)
	a.Header().Set("Content-Type", "text/xml; charset=utf-8")
	fmt.Fprintf(&a.Body, `<?xml version='1.0' encoding='UTF-8'?>`+
		`<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Header/><S:Body>`+
		`<ns2:RequestSecurityTokenResponseCollection xmlns:ns2="%s" xmlns="%s">`+
		`<ns2:RequestSecurityTokenResponse><ns2:TokenType>%s</ns2:TokenType>`+
		`<ns2:RequestedSecurityToken>%s</ns2:RequestedSecurityToken></ns2:RequestSecurityTokenResponse>`+
		`</ns2:RequestSecurityTokenResponseCollection></S:Body></S:Envelope>`,
		wsTrust, samlAssertions, samlAssertions, f.Tokens.Issue(request.Username, from, to))
	return a
}

// judge gives the span that a token is to be good for, or what is wrong with the request.
func (f *Front) judge(action string, request *tokenRequest, now time.Time) (from, to time.Time, fault *stsFault) {
	who, wanted := f.Scenario.VCenter, request.Wanted
	created, err := time.Parse(time.RFC3339, request.Created)
	expires, err2 := time.Parse(time.RFC3339, request.Expires)
	from, err3 := time.Parse(time.RFC3339, wanted.From)
	to, err4 := time.Parse(time.RFC3339, wanted.To)
	switch {
	// VMware's own Go client leaves "urn:" and the quotes out, and vCenter takes both.
	case strings.Trim(action, `"`) != wsTrust+"/RST/Issue" || wanted.XMLName.Space != wsTrust,
		wanted.RequestType != wsTrust+"/Issue",
		strings.TrimPrefix(wanted.TokenType, "urn:") != "oasis:names:tc:SAML:2.0:assertion":
		fault = &stsFault{"InvalidRequest", "The request was invalid or malformed."}
	case err != nil || err2 != nil:
		fault = &stsFault{"InvalidSecurity", "There is no timestamp in the security header."}
	case now.Before(created.Add(-stsTolerance)) || now.After(expires.Add(stsTolerance)):
		fault = &stsFault{"MessageExpired", fmt.Sprintf("The time now %s does not fall in the request lifetime "+
			"interval extended with clock tolerance of %d ms: [ %s; %s).", now, stsTolerance.Milliseconds(), created, expires)}
	case request.Username != who.Username || request.Password != who.Password || !who.PasswordLogin:
		fault = &stsFault{"FailedAuthentication", "Invalid credentials"}
	case wanted.KeyType != wsTrust+"/Bearer":
		fault = &stsFault{"InvalidRequest", "Only bearer tokens are given by the lab."}
	case err3 != nil || err4 != nil || !from.Before(to) || to.Sub(from) > longestBearer,
		now.Before(from.Add(-stsTolerance)) || now.After(to.Add(stsTolerance)):
		fault = &stsFault{"InvalidTimeRange", fmt.Sprintf("The token authority rejected an issue request for "+
			"TimePeriod [startTime=%s, endTime=%s]", from, to)}
	}
	return from, to, fault
}

// tokenIn is the assertion in an envelope, as it stands there.
func tokenIn(body []byte) []byte {
	begin := bytes.Index(body, []byte("<saml2:Assertion"))
	end := bytes.LastIndex(body, []byte("</saml2:Assertion>"))
	if begin < 0 || end < begin {
		return nil
	}
	return body[begin : end+len("</saml2:Assertion>")]
}
