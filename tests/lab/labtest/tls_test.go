package labtest

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/url"
	"os"
	"strings"
	"testing"

	"ballast/lab/control"
	"ballast/lab/wire"
)

// handshake is one as a client makes it that trusts the lab's CA file.
func handshake(t *testing.T, lab *labProcess) (*x509.Certificate, error) {
	t.Helper()
	text, err := os.ReadFile(lab.ready.CAFile)
	check(t, err)
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		t.Fatal("the CA file holds no certificate")
	}
	where, err := url.Parse(lab.ready.URL)
	check(t, err)
	var seen *x509.Certificate
	conn, err := tls.Dial("tcp", where.Host, &tls.Config{
		RootCAs:    roots,
		MinVersion: tls.VersionTLS12,
		VerifyPeerCertificate: func(raw [][]byte, _ [][]*x509.Certificate) error {
			seen, _ = x509.ParseCertificate(raw[0])
			return nil
		},
	})
	if err == nil {
		conn.Close()
	}
	return seen, err
}

// Every kind of certificate has what is wrong with it, and the ordinary one comes back the same.
func TestCertificateKinds(t *testing.T) {
	lab := startLab(t, oneGuest)
	for _, c := range []struct{ kind, says string }{
		{"expired", "expired"},
		{"not_yet_valid", "not yet valid"},
		{"wrong_name", "cannot validate certificate for 127.0.0.1"},
		{"unknown_ca", "unknown authority"},
		{"renewed", ""},
		{"ordinary", ""},
	} {
		lab.mustPost("/tls", `{"certificate": "`+c.kind+`"}`)
		leaf, err := handshake(t, lab)
		if c.says == "" {
			check(t, err)
			digest := sha256.Sum256(leaf.Raw)
			var shown control.CertificateChange
			lab.get("/tls", &shown)
			same := wire.Thumbprint(digest[:]) == lab.ready.SHA256
			if same != (c.kind == "ordinary") || shown.SHA256 != wire.Thumbprint(digest[:]) || shown.Certificate != c.kind {
				t.Errorf("%s: the first certificate: %v, shown: %+v", c.kind, same, shown)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: seen as %v", c.kind, err)
		}
	}
	if status, text := lab.post("/tls", `{"certificate": "odd"}`); status != 400 || !strings.Contains(text, "wrong_name") {
		t.Errorf("%d %s", status, text)
	}
}

// As servers do, the lab resumes a session, but not one that began under another certificate.
func TestSessionsAreResumedUnderTheirCertificate(t *testing.T) {
	lab := startLab(t, oneGuest)
	where, err := url.Parse(lab.ready.URL)
	check(t, err)
	config := &tls.Config{InsecureSkipVerify: true, ClientSessionCache: tls.NewLRUClientSessionCache(1)}
	isResumed := func() bool {
		conn, err := tls.Dial("tcp", where.Host, config)
		check(t, err)
		defer conn.Close()
		// The ticket comes before the answer.
		_, err = conn.Write([]byte("GET / HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n"))
		check(t, err)
		_, err = io.ReadAll(conn)
		check(t, err)
		return conn.ConnectionState().DidResume
	}
	if isResumed() || !isResumed() {
		t.Error("the second session is not the first one resumed")
	}
	lab.mustPost("/tls", `{"certificate": "renewed"}`)
	if isResumed() {
		t.Error("a session was resumed under another certificate")
	}
}

func TestCertificateOfScenario(t *testing.T) {
	lab := startLab(t, `{"vcenter": {"certificate": "expired"}}`)
	if _, err := handshake(t, lab); err == nil || !strings.Contains(err.Error(), "expired") {
		t.Errorf("seen as %v", err)
	}
	plain := startLab(t, oneGuest, "-plain")
	if status, text := plain.post("/tls", `{"certificate": "expired"}`); status != 400 {
		t.Errorf("-plain: %d %s", status, text)
	}
}
