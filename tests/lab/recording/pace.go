package recording

import (
	"net"
	"sync"
	"time"
)

// network is a wire of so many bytes a second, which all connections share.
type network struct {
	mu     sync.Mutex
	second float64 // bytes
	free   time.Time
}

// paced lets a listener's connections send at most so many Mbit/s together; 0: as fast as it goes.
func paced(listener net.Listener, mbit float64) net.Listener {
	if mbit <= 0 {
		return listener
	}
	return &pacedListener{listener, &network{second: mbit * 1e6 / 8}}
}

type pacedListener struct {
	net.Listener
	network *network
}

// Accept is part of net.Listener.
func (l *pacedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &pacedConn{conn, l.network}, nil
}

type pacedConn struct {
	net.Conn
	network *network
}

// Write is part of net.Conn.
func (c *pacedConn) Write(p []byte) (int, error) {
	c.network.take(len(p))
	return c.Conn.Write(p)
}

// take waits for the network. Timers are no better than a millisecond: what is due sooner goes out.
func (n *network) take(bytes int) {
	const least = time.Millisecond
	n.mu.Lock()
	now := time.Now()
	if n.free.Before(now) {
		n.free = now
	}
	ahead := n.free.Sub(now)
	n.free = n.free.Add(time.Duration(float64(bytes) / n.second * float64(time.Second)))
	n.mu.Unlock()
	if ahead > least {
		time.Sleep(ahead)
	}
}
