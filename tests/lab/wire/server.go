package wire

import (
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

// ListenOnLoopback refuses every address that another machine could reach.
func ListenOnLoopback(address string) (net.Listener, error) {
	hostName, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	ip := net.ParseIP(hostName)
	if hostName != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("%s is not a loopback address: the lab serves this machine only", address)
	}
	return net.Listen("tcp", address)
}

// ListenForBoth opens what the vCenter and the control endpoint listen on.
func ListenForBoth(address string) (sdk, control net.Listener, err error) {
	if sdk, err = ListenOnLoopback(address); err != nil {
		return nil, nil, err
	}
	control, err = ListenOnLoopback("127.0.0.1:0")
	return sdk, control, err
}

// Serve answers on a listener, over TLS if there is a configuration for it, until the server is closed.
// HTTP/2 is off: some faults need the connection for themselves.
func Serve(listener net.Listener, handler http.Handler, config *tls.Config) *http.Server {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 30 * time.Second,
		TLSNextProto:      map[string]func(*http.Server, *tls.Conn, http.Handler){},
		ErrorLog:          log.New(io.Discard, "", 0), // clients that break off are part of the tests
	}
	if config != nil {
		listener = tls.NewListener(listener, config)
	}
	go func() { _ = server.Serve(listener) }() // ends with ErrServerClosed
	return server
}
