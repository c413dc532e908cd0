package vcenter

import (
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// Sessions knows every session, with what the server keeps for it. The simulator has a table of
// its own, which forgets nothing by itself; this one decides who is logged in.
type Sessions struct {
	mu    sync.Mutex
	idle  time.Duration
	byKey map[string]*session
	begun map[string]bool // HTTP sessions that nobody has logged in to yet
}

type session struct {
	lastUsed time.Time
	views    []*view
	rest     map[string]collection // by token
}

// collection is one that is not finished: what is left of it, and how much goes out at once.
type collection struct {
	objects  []types.ObjectContent
	pageSize int
}

func newSessions(idleMS int) *Sessions {
	return &Sessions{
		idle:  time.Duration(idleMS) * time.Millisecond,
		byKey: map[string]*session{},
		begun: map[string]bool{},
	}
}

// Begin starts an HTTP session without a login, as vCenter does for whoever asks for its content.
func (t *Sessions) Begin() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	key := uuid.New().String()
	t.begun[key] = true
	return key
}

// Use takes note that a login came in a session that was begun.
func (t *Sessions) Use(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.begun, key)
}

// Unused is how many sessions were begun and never logged in to: they stay until they expire.
func (t *Sessions) Unused() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.begun)
}

// Add begins a session.
func (t *Sessions) Add(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.byKey[key] = &session{lastUsed: time.Now(), rest: map[string]collection{}}
}

// Touch says whether the session lives, and counts as its use. One that idled too long ends here.
func (t *Sessions) Touch(key string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	s, ok := t.byKey[key]
	if !ok {
		return false
	}
	if t.expired(s) {
		t.drop(key)
		return false
	}
	s.lastUsed = time.Now()
	return true
}

func (t *Sessions) expired(s *session) bool {
	return t.idle > 0 && time.Since(s.lastUsed) > t.idle
}

// Remove ends a session.
func (t *Sessions) Remove(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.drop(key)
}

// RemoveAll ends all of them.
func (t *Sessions) RemoveAll() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for key := range t.byKey {
		t.drop(key)
	}
}

// drop is called with the lock held. What is gone already is no error.
func (t *Sessions) drop(key string) {
	s, ok := t.byKey[key]
	if !ok {
		return
	}
	delete(t.byKey, key)
	for _, v := range s.views {
		simulator.Map.RemoveHandler(v)
	}
	nobody := &simulator.Context{Session: &simulator.Session{}}
	simulator.Map.SessionManager().TerminateSession(nobody, &types.TerminateSession{SessionId: []string{key}})
}

func (t *Sessions) addView(key string, v *view) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s, ok := t.byKey[key]; ok {
		s.views = append(s.views, v)
	}
}

func (t *Sessions) removeView(key string, ref types.ManagedObjectReference) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s, ok := t.byKey[key]
	if !ok {
		return
	}
	for i, v := range s.views {
		if v.Self == ref {
			s.views = append(s.views[:i], s.views[i+1:]...)
			return
		}
	}
}

// NewestView is the view that a session opened last, if it has one.
func (t *Sessions) NewestView(key string) (types.ManagedObjectReference, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s, ok := t.byKey[key]
	if !ok || len(s.views) == 0 {
		return types.ManagedObjectReference{}, false
	}
	return s.views[len(s.views)-1].Self, true
}

// keep stores what is left of a collection and gives the token for it; "" if the session is gone.
func (t *Sessions) keep(key string, rest collection) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	s, ok := t.byKey[key]
	if !ok {
		return ""
	}
	token := uuid.New().String()
	s.rest[token] = rest
	return token
}

// take ends a token's life and gives what it stood for.
func (t *Sessions) take(key, token string) (collection, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s, ok := t.byKey[key]
	if !ok {
		return collection{}, false
	}
	rest, ok := s.rest[token]
	delete(s.rest, token)
	return rest, ok
}

// Full says whether there are as many sessions as the limit allows; 0: there is none.
func (t *Sessions) Full(limit int) bool {
	sessions, _, _ := t.Counts()
	return limit > 0 && sessions >= limit
}

// Counts gives the numbers of sessions, open views and unfinished collections.
func (t *Sessions) Counts() (sessions, views, collections int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for key, s := range t.byKey {
		if t.expired(s) {
			t.drop(key)
			continue
		}
		sessions++
		views += len(s.views)
		collections += len(s.rest)
	}
	return sessions, views, collections
}
