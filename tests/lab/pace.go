package main

import (
	"net"
	"sync"
	"time"
)

// wire is a network of so many bytes a second, which all connections share.
type wire struct {
	mu     sync.Mutex
	second float64 // bytes
	free   time.Time
}

// paced lets a listener's connections send at most so many Mbit/s together; 0: as fast as it goes.
func paced(listener net.Listener, mbit float64) net.Listener {
	if mbit <= 0 {
		return listener
	}
	return &pacedListener{listener, &wire{second: mbit * 1e6 / 8}}
}

type pacedListener struct {
	net.Listener
	wire *wire
}

// Accept is part of net.Listener.
func (l *pacedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &pacedConn{conn, l.wire}, nil
}

type pacedConn struct {
	net.Conn
	wire *wire
}

// Write is part of net.Conn.
func (c *pacedConn) Write(p []byte) (int, error) {
	c.wire.take(len(p))
	return c.Conn.Write(p)
}

// take waits for the wire. Timers are no better than a millisecond: what is due sooner goes out.
func (w *wire) take(bytes int) {
	const least = time.Millisecond
	w.mu.Lock()
	now := time.Now()
	if w.free.Before(now) {
		w.free = now
	}
	ahead := w.free.Sub(now)
	w.free = w.free.Add(time.Duration(float64(bytes) / w.second * float64(time.Second)))
	w.mu.Unlock()
	if ahead > least {
		time.Sleep(ahead)
	}
}
