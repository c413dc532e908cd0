package guestops

import (
	"bytes"
	"io"
	"math/rand"
	"net/http"
	"regexp"
	"strconv"
	"sync/atomic"

	"ballast/lab/inventory"
)

var nonceLine = regexp.MustCompile(`\n@@ballast nonce\n[^\n]*\n`)

// ServeGuestFile answers GET /guestFile?id=…&token=…, asked of a host or, with nil, of the vCenter.
func (o *Operations) ServeGuestFile(w http.ResponseWriter, r *http.Request, asked *inventory.Host) {
	id, err := strconv.Atoi(r.URL.Query().Get("id"))
	one, ok := o.transfers.take(id, r.URL.Query().Get("token"))
	if err != nil || !ok || r.Method != http.MethodGet || !one.isThere(asked) {
		http.NotFound(w, r)
		return
	}
	state := one.guest.Current()
	if state.Behaviour == "transfer_fails" {
		http.Error(w, "the file cannot be sent", one.guest.Group.TransferStatus)
		return
	}
	file, _, fault := one.guest.Tree.Open(one.path)
	if fault != nil {
		http.NotFound(w, r)
		return
	}
	defer file.Close()
	atomic.AddInt64(&o.downloads, 1)
	var content io.Reader = io.LimitReader(file, one.size)
	switch state.Behaviour {
	case "huge_output", "unannounced_output":
		content = io.LimitReader(&endlessText{}, one.guest.Group.OutputMiB<<20)
	case "garbage_output":
		content = io.LimitReader(rand.New(rand.NewSource(int64(one.guest.Index))), garbageBytes)
	case "other_output":
		text, _ := io.ReadAll(content) // what could not be read is missing
		content = bytes.NewReader(nonceLine.ReplaceAll(text, []byte("\n@@ballast nonce\nof another probe\n")))
	}
	sendFile(w, content, one)
}

// isThere says whether the file can still be fetched, and from whom was asked.
func (t *transfer) isThere(asked *inventory.Host) bool {
	state := t.guest.Current()
	if t.host.FileServer != "" && t.host != asked {
		return false
	}
	return state.Power == "on" && !state.Deleted && state.Host == t.host
}

// sendFile sends with a Content-Length or, as vCenter does with all but small files, in chunks.
func sendFile(w http.ResponseWriter, content io.Reader, one transfer) {
	w.Header().Set("Content-Type", "application/octet-stream")
	if one.guest.Group.Transfer == "sized" {
		w.Header().Set("Content-Length", strconv.FormatInt(one.size, 10))
	} else if flusher, ok := w.(http.Flusher); ok {
		flusher.Flush()
	}
	_, _ = io.Copy(w, content) // if the client goes away there is nobody to tell
}

// endlessText is a reader of lines such as a shell would write, without end.
type endlessText struct{ line bytes.Buffer }

func (t *endlessText) Read(p []byte) (int, error) {
	for t.line.Len() < len(p) {
		t.line.WriteString("MemTotal:        2012345 kB\n")
	}
	return t.line.Read(p)
}
