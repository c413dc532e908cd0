// Package recording keeps what a lab answers, and answers from it again: a server that costs next to
// nothing, for measuring clients. Here belongs what works on recorded bytes without a simulator.
package recording

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
)

// Exchange is a request and its answer, as they went over the wire.
type Exchange struct {
	Method  string // "RetrievePropertiesEx", or "GET /path"
	Request []byte // the envelope; empty of a GET
	Answer  []byte
}

// Recorder keeps what a lab answers, one exchange after the other: NNNNN.request and NNNNN.answer,
// the method in the first line of the request. Failures are told at the end, by close.
type Recorder struct {
	mu     sync.Mutex
	folder string
	count  int
	err    error
}

// NewRecorder keeps what it is given in a folder that must be new or empty.
func NewRecorder(folder string) (*Recorder, error) {
	entries, err := os.ReadDir(folder)
	if err == nil && len(entries) > 0 {
		err = fmt.Errorf("%s is not empty", folder)
	}
	if os.IsNotExist(err) {
		err = os.Mkdir(folder, 0o700)
	}
	return &Recorder{folder: folder}, err
}

// The simulator declares a namespace for every value; vCenter does it once, as the envelope does.
var (
	typeOfSimulator = []byte(` xmlns:XMLSchema-instance="http://www.w3.org/2001/XMLSchema-instance" XMLSchema-instance:type=`)
	typeOfVcenter   = []byte(` xsi:type=`)
)

// A login is not recorded: its request holds a password or a token, and a replay welcomes everybody.
func isRecorded(method string) bool {
	return method != "Login" && method != "LoginByToken" && method != "Logout"
}

// Add keeps an exchange; a recorder that is nil keeps nothing.
func (r *Recorder) Add(e Exchange) {
	if r == nil || !isRecorded(e.Method) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.count++
	name := filepath.Join(r.folder, fmt.Sprintf("%05d", r.count))
	request := append([]byte(e.Method+"\n"), withoutPasswords(e.Request)...)
	answer := bytes.ReplaceAll(e.Answer, typeOfSimulator, typeOfVcenter)
	for suffix, content := range map[string][]byte{".request": request, ".answer": answer} {
		if err := os.WriteFile(name+suffix, content, 0o600); err != nil && r.err == nil {
			r.err = err
		}
	}
}

// Close says whether everything could be kept.
func (r *Recorder) Close() error {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// withoutPasswords leaves the logins of guests out of what is kept.
func withoutPasswords(request []byte) []byte {
	start := bytes.Index(request, []byte("<auth"))
	end := bytes.Index(request, []byte("</auth>"))
	if start < 0 || end < start {
		return request
	}
	return append(append([]byte{}, request[:start]...), request[end+len("</auth>"):]...)
}

// readRecording gives what a recorder kept, in its order.
func readRecording(folder string) ([]Exchange, error) {
	names, err := filepath.Glob(filepath.Join(folder, "*.request"))
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s holds no recording", folder)
	}
	sort.Strings(names)
	var all []Exchange
	for _, name := range names {
		request, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		answer, err := os.ReadFile(strings.TrimSuffix(name, ".request") + ".answer")
		if err != nil {
			return nil, err
		}
		end := bytes.IndexByte(request, '\n')
		if end < 0 {
			return nil, fmt.Errorf("%s does not begin with a method", name)
		}
		all = append(all, Exchange{string(request[:end]), request[end+1:], answer})
	}
	return all, nil
}

// keyOf tells requests apart by what they ask for, however a client writes it: properties by their
// paths, whatever their order, the rest of a collection by its token.
func keyOf(method string, request []byte) string {
	switch method {
	case "RetrievePropertiesEx", "RetrieveProperties":
		paths := textsOf(request, "pathSet")
		sort.Strings(paths)
		return "properties " + strings.Join(paths, " ")
	case "ContinueRetrievePropertiesEx":
		return method + " " + strings.Join(textsOf(request, "token"), " ")
	case "CreateContainerView":
		return method + " " + strings.Join(textsOf(request, "type"), " ")
	case "QueryPerf":
		sum := sha1.Sum([]byte(strings.Join(textsOf(request, "entity"), " ")))
		return method + " " + hex.EncodeToString(sum[:])
	}
	return method
}

// textsOf gives the text of every such element, with or without a namespace prefix.
func textsOf(document []byte, element string) []string {
	var texts []string
	for rest := document; ; {
		at := bytes.Index(rest, []byte(element))
		if at < 0 {
			return texts
		}
		opens := at > 0 && (rest[at-1] == '<' || rest[at-1] == ':' && !isClosing(rest[:at]))
		rest = rest[at+len(element):]
		begin := bytes.IndexByte(rest, '>')
		if !opens || begin < 0 || rest[0] != '>' && rest[0] != ' ' {
			continue
		}
		rest = rest[begin+1:]
		if end := bytes.IndexByte(rest, '<'); end >= 0 {
			texts = append(texts, string(rest[:end]))
		}
	}
}

// isClosing says whether what ends here is the begin of a closing tag: "</vim25:".
func isClosing(before []byte) bool {
	open := bytes.LastIndexByte(before, '<')
	return open >= 0 && bytes.HasPrefix(before[open:], []byte("</"))
}

// methodOf finds the method of an envelope without reading all of it: the first element of Body.
func methodOf(request []byte) string {
	at := bytes.Index(request, []byte("Body>"))
	if at < 0 {
		return ""
	}
	rest := request[at+len("Body>"):]
	open := bytes.IndexByte(rest, '<')
	if open < 0 {
		return ""
	}
	rest = rest[open+1:]
	end := bytes.IndexAny(rest, " />\r\n\t")
	if end < 0 {
		return ""
	}
	name := rest[:end]
	return string(name[bytes.LastIndexByte(name, ':')+1:])
}
