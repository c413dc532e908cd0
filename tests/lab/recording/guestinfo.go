package recording

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"ballast/lab/wire"
)

// guestinfo is what guests hand to the hypervisor: of each one that a probe with a key was started
// in, the recorded output, sealed with that key as collector/probe/send.sh does.
type guestinfo struct {
	mu   sync.Mutex
	keys map[string]string // by the VM's moref
}

var (
	startedWith  = regexp.MustCompile(`BALLAST_KEY=([0-9a-f]+)`)
	askedOptions = regexp.MustCompile(`config\.extraConfig\[(?:"|&quot;)(guestinfo\.ballast\.probe)(?:"|&quot;)\]`)
)

func (g *guestinfo) started(request []byte) {
	key := startedWith.FindSubmatch(request)
	if key == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, vm := range textsOf(request, "vm") {
		g.keys[vm] = string(key[1])
	}
}

// answer is nil where a request is for something else.
func (g *guestinfo) answer(request, output []byte) []byte {
	asked := askedOptions.FindSubmatch(request)
	if asked == nil {
		return nil
	}
	text := strings.ReplaceAll(strings.TrimRight(string(output), "\n"), "\n", ";")
	var all bytes.Buffer
	all.WriteString(wire.EnvelopeHead + `<RetrievePropertiesExResponse xmlns="urn:vim25"><returnval>`)
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, vm := range textsOf(request, "obj") {
		key, ok := g.keys[vm]
		if !ok {
			continue
		}
		fmt.Fprintf(&all, `<objects><obj type="VirtualMachine">%s</obj><propSet><name>config.extraConfig["%s"]</name>`+
			`<val xsi:type="OptionValue"><key>%s</key><value xsi:type="xsd:string">%s %s</value></val></propSet></objects>`,
			vm, asked[1], asked[1], seal(key, text), text)
	}
	all.WriteString(`</returnval></RetrievePropertiesExResponse>` + wire.EnvelopeTail)
	return all.Bytes()
}

func seal(key, text string) string {
	inner := fmt.Sprintf("%x", sha256.Sum256([]byte(key+text)))
	return fmt.Sprintf("%x", sha256.Sum256([]byte(key+inner)))
}
