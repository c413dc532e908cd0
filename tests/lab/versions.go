package main

import (
	"fmt"
	"net/http"
	"strings"
)

// The versions of the API before 7.0.3.0, newest first, as vCenter lists them.
var priorVersions = []string{
	"7.0.2.1", "7.0.2.0", "7.0.1.1", "7.0.1.0", "7.0.0.2", "7.0.0.0", "6.9.1", "6.8.7", "6.7.3", "6.7.2",
	"6.7.1", "6.7", "6.5", "6.0", "5.5", "5.1", "5.0", "4.1", "4.0", "2.5u2", "2.5",
}

// serveVersions is what a client asks first, without being logged in.
func (f *front) serveVersions(w http.ResponseWriter, _ *http.Request) {
	var prior strings.Builder
	for _, version := range priorVersions {
		if version != f.scenario.VCenter.APIVersion {
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
`, f.scenario.VCenter.APIVersion, prior.String())
}
