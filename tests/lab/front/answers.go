package front

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"ballast/lab/plan"
	"ballast/lab/wire"
)

// What is answered without the simulator, or otherwise than by it.

// The versions of the API before 7.0.3.0, newest first, as vCenter lists them.
var priorVersions = []string{
	"7.0.2.1", "7.0.2.0", "7.0.1.1", "7.0.1.0", "7.0.0.2", "7.0.0.0", "6.9.1", "6.8.7", "6.7.3", "6.7.2",
	"6.7.1", "6.7", "6.5", "6.0", "5.5", "5.1", "5.0", "4.1", "4.0", "2.5u2", "2.5",
}

// serveVersions is what a client asks first, without being logged in.
func (f *Front) serveVersions(w http.ResponseWriter, _ *http.Request) {
	var prior strings.Builder
	for _, version := range priorVersions {
		if version != f.Scenario.VCenter.APIVersion {
			fmt.Fprintf(&prior, "   <version>%s</version>\n", version)
		}
	}
	w.Header().Set("Content-Type", "text/xml")
	fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8" ?>
<namespaces version="1.0">
 <namespace>
  <name>urn:vim25</name>
  <version>%s</version>
  <priorVersions>
%s  </priorVersions>
 </namespace>
</namespaces>
`, f.Scenario.VCenter.APIVersion, prior.String())
}

// currentTime is the answer to CurrentTime. The simulator's own ServiceInstance cannot be replaced:
// its library insists on the type.
func (f *Front) currentTime() *wire.Answer {
	a := wire.NewAnswer(http.StatusOK)
	fmt.Fprintf(&a.Body, wire.EnvelopeHead+`<CurrentTimeResponse xmlns="urn:vim25"><returnval>%s</returnval>`+
		`</CurrentTimeResponse>`+wire.EnvelopeTail, f.Clock.Now().Format(time.RFC3339Nano))
	return a
}

// noMoreSessions is what vCenter's front says when it has as many as it can.
func noMoreSessions(limit int) *wire.Answer {
	a := wire.NewAnswer(http.StatusServiceUnavailable)
	a.Header().Set("Content-Type", "text/plain")
	fmt.Fprintf(&a.Body, "503 Service Unavailable: Out of HTTP sessions: Limited to %d", limit)
	return a
}

// A byte that a name is to hold on the wire, whatever XML says of it.
var rawByte = regexp.MustCompile(`\\x[0-9a-f]{2}`)

// hasRawNames says whether a scenario asks for such bytes.
func hasRawNames(s *plan.Scenario) bool {
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
