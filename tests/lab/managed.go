package main

// parallel opts out of the simulator's lock on a managed object, under which it would answer one
// call at a time.
type parallel struct{}

// Lock does nothing.
func (*parallel) Lock() {}

// Unlock does nothing.
func (*parallel) Unlock() {}
