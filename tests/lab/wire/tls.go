package wire

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// CertificateKinds is what the server's certificate may be; the first is the default.
var CertificateKinds = []string{
	"ordinary", "renewed", "expired", "not_yet_valid", "wrong_name", "unknown_ca",
}

// authority signs certificates.
type authority struct {
	template *x509.Certificate
	key      *ecdsa.PrivateKey
	der      []byte
}

// Identity is the lab's certificate, which can be exchanged, with the authority in whose name it
// is made. All of it is made for one run.
type Identity struct {
	CAFile string
	// What a client shows, if it is asked for; "" if it is not.
	ClientCert, ClientKey string

	vouched *authority // what caFile holds
	foreign *authority // one that no client knows

	mu      sync.Mutex
	kind    string
	current *Certificate
	first   *Certificate
}

// Certificate is one with its thumbprints: colon-separated upper-case hex, as VMware writes them.
// Sessions are resumed under the certificate they began with, and under no other.
type Certificate struct {
	config *tls.Config
	SHA1   string
	SHA256 string
}

// NewIdentity makes the certificate and writes the CA file that vouches for it.
func NewIdentity(caFile, kind string) (*Identity, error) {
	id := &Identity{CAFile: caFile}
	var err error
	if id.vouched, err = newAuthority("ballast lab CA"); err != nil {
		return nil, err
	}
	if id.foreign, err = newAuthority("somebody's CA"); err != nil {
		return nil, err
	}
	if id.first, err = id.vouched.issue(serverTemplate()); err != nil {
		return nil, err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: id.vouched.der})
	if err := os.WriteFile(caFile, text, 0o644); err != nil {
		return nil, err
	}
	return id, id.Change(kind)
}

func newAuthority(name string) (*authority, error) {
	a := &authority{template: certificateTemplate(name)}
	a.template.IsCA = true
	a.template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	var err error
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, err
	}
	a.der, err = x509.CreateCertificate(rand.Reader, a.template, a.template, &a.key.PublicKey, a.key)
	return a, err
}

func (a *authority) issue(template *x509.Certificate) (*Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.CreateCertificate(rand.Reader, template, a.template, &key.PublicKey, a.key)
	if err != nil {
		return nil, err
	}
	var ticketKey [32]byte
	if _, err := rand.Read(ticketKey[:]); err != nil {
		return nil, err
	}
	config := &tls.Config{
		MinVersion:   tls.VersionTLS12,
		Certificates: []tls.Certificate{{Certificate: [][]byte{leaf}, PrivateKey: key}},
	}
	config.SetSessionTicketKeys([][32]byte{ticketKey})
	old, now := sha1.Sum(leaf), sha256.Sum256(leaf)
	return &Certificate{config: config, SHA1: Thumbprint(old[:]), SHA256: Thumbprint(now[:])}, nil
}

// AskForClients makes a client's certificate and key, and wants to be shown one of this authority
// from now on.
func (id *Identity) AskForClients(folder string) error {
	template := certificateTemplate("ballast")
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	made, err := id.vouched.issue(template)
	if err != nil {
		return err
	}
	shown := made.config.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(shown.PrivateKey)
	if err != nil {
		return err
	}
	id.ClientCert, id.ClientKey = filepath.Join(folder, "client.pem"), filepath.Join(folder, "client.key")
	for path, block := range map[string]*pem.Block{
		id.ClientCert: {Type: "CERTIFICATE", Bytes: shown.Certificate[0]},
		id.ClientKey:  {Type: "PRIVATE KEY", Bytes: key},
	} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// askingForClients is a server's configuration that wants a certificate of `vouched`.
func (id *Identity) askingForClients(config *tls.Config) *tls.Config {
	asking := config.Clone()
	asking.ClientAuth = tls.RequireAndVerifyClientCert
	asking.ClientCAs = x509.NewCertPool()
	authority, err := x509.ParseCertificate(id.vouched.der)
	if err == nil { // it was made here
		asking.ClientCAs.AddCert(authority)
	}
	return asking
}

// Change exchanges the certificate for one of CertificateKinds; connections that are open keep theirs.
func (id *Identity) Change(kind string) error {
	made, err := id.make(kind)
	if err != nil {
		return err
	}
	id.mu.Lock()
	defer id.mu.Unlock()
	id.kind, id.current = kind, made
	return nil
}

func (id *Identity) make(kind string) (*Certificate, error) {
	template := serverTemplate()
	switch kind {
	case "ordinary":
		return id.first, nil
	case "expired":
		template.NotBefore = time.Now().AddDate(-1, 0, 0)
		template.NotAfter = time.Now().AddDate(0, 0, -3)
	case "not_yet_valid":
		template.NotBefore = time.Now().AddDate(0, 0, 3)
		template.NotAfter = time.Now().AddDate(1, 0, 0)
	case "wrong_name":
		template.Subject.CommonName = "other.lab.example"
		template.DNSNames, template.IPAddresses = []string{"other.lab.example"}, nil
	case "unknown_ca":
		return id.foreign.issue(template)
	}
	return id.vouched.issue(template)
}

// Shown is the certificate that clients see.
func (id *Identity) Shown() *Certificate {
	id.mu.Lock()
	defer id.mu.Unlock()
	return id.current
}

// KindShown is the kind of that certificate.
func (id *Identity) KindShown() string {
	id.mu.Lock()
	defer id.mu.Unlock()
	return id.kind
}

// Config is a server's, whose certificate may change between two handshakes; nil for none.
func (id *Identity) Config() *tls.Config {
	if id == nil {
		return nil
	}
	return &tls.Config{
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			config := id.Shown().config
			if id.ClientCert != "" {
				config = id.askingForClients(config)
			}
			return config, nil
		},
	}
}

// serverTemplate is for a server on this machine.
func serverTemplate() *x509.Certificate {
	template := certificateTemplate("localhost")
	template.DNSNames = []string{"localhost"}
	template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	return template
}

func certificateTemplate(name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber:          big.NewInt(time.Now().UnixNano()),
		Subject:               pkix.Name{CommonName: name, Organization: []string{"ballast lab"}},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(90 * 24 * time.Hour),
		BasicConstraintsValid: true,
	}
}

// ForHost gives a host's identity, of the same authority.
func (id *Identity) ForHost(name string, address net.IP) (*Identity, error) {
	template := serverTemplate()
	template.Subject.CommonName = name
	template.DNSNames, template.IPAddresses = []string{name}, []net.IP{address}
	made, err := id.vouched.issue(template)
	return &Identity{current: made}, err
}

// Thumbprint writes a digest as VMware does.
func Thumbprint(digest []byte) string {
	parts := make([]string, len(digest))
	for i, b := range digest {
		parts[i] = fmt.Sprintf("%02X", b)
	}
	return strings.Join(parts, ":")
}
