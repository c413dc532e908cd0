package guestops

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net"
	"net/url"
	"sync"
	"time"

	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"

	"ballast/lab/guest"
	"ballast/lab/inventory"
)

const garbageBytes = 8 << 10

// transfer is a file that may be fetched once, before its time is over.
type transfer struct {
	guest  *inventory.Guest
	host   *inventory.Host // that it is on: when it moves, the URL is good no more
	path   string
	size   int64
	expiry time.Time
}

// transferTable holds the transfers that were announced and not yet made, by token.
type transferTable struct {
	mu      sync.Mutex
	valid   time.Duration
	nextID  int
	pending map[string]transfer
}

func newTransferTable(validMS int) *transferTable {
	return &transferTable{
		valid:   time.Duration(validMS) * time.Millisecond,
		pending: map[string]transfer{},
	}
}

// announce gives the id and the token under which the file can be fetched. Tokens hold characters
// that a query has to escape, as do vCenter's.
func (t *transferTable) announce(one transfer) (id int, token string) {
	random := make([]byte, 18)
	if _, err := rand.Read(random); err != nil {
		panic(err) // the system has no randomness: nothing here is safe
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.nextID++
	token = "5+/=" + base64.StdEncoding.EncodeToString(random)
	one.expiry = time.Now().Add(t.valid)
	t.pending[key(t.nextID, token)] = one
	return t.nextID, token
}

// take ends a transfer's life; what was never announced, is used up or too old is not there.
func (t *transferTable) take(id int, token string) (transfer, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	one, ok := t.pending[key(id, token)]
	delete(t.pending, key(id, token))
	return one, ok && time.Now().Before(one.expiry)
}

func key(id int, token string) string { return fmt.Sprintf("%d %s", id, token) }

// InitiateFileTransferFromGuest answers with a URL.
func (m *fileManager) InitiateFileTransferFromGuest(req *types.InitiateFileTransferFromGuest) soap.HasFault {
	body := &methods.InitiateFileTransferFromGuestBody{}
	g, fault := m.ops.enter(req.Vm, req.Auth, privilegeQuery)
	if fault != nil {
		body.Fault_ = fault
		return body
	}
	file, info, fault := g.Tree.Open(req.GuestFilePath)
	if fault != nil {
		body.Fault_ = fault
		return body
	}
	file.Close()
	size := guest.ShownSize(req.GuestFilePath, info)
	state := g.Current()
	switch state.Behaviour {
	case "huge_output":
		size = g.Group.OutputMiB << 20
	case "unannounced_output":
		size = 0
	case "garbage_output":
		size = garbageBytes
	}
	id, token := m.ops.transfers.announce(transfer{guest: g, host: state.Host, path: req.GuestFilePath, size: size})
	body.Res = &types.InitiateFileTransferFromGuestResponse{Returnval: types.FileTransferInformation{
		Attributes: guest.Attributes(info),
		Size:       size,
		Url:        m.ops.guestFileURL(state.Host, id, token),
	}}
	return body
}

func (o *Operations) guestFileURL(h *inventory.Host, id int, token string) string {
	query := url.Values{"id": {fmt.Sprint(id)}, "token": {token}}
	return fmt.Sprintf("%s://%s/guestFile?%s", o.scheme, o.fileServer(h), query.Encode())
}

// fileServer is the authority of the URL under which a guest's file can be fetched: "*" stands for
// the server called.
func (o *Operations) fileServer(h *inventory.Host) string {
	if told, ok := o.fleet.Scenario.Transfer.Authorities[h.Name]; ok {
		return told
	}
	if h.FileServer == "" {
		return "*:" + o.port
	}
	if _, port, err := net.SplitHostPort(h.FileServer); err == nil && o.fleet.Scenario.Transfer.ByName {
		return net.JoinHostPort(h.Name, port)
	}
	return h.FileServer
}
