// Package outward sends HTTP requests to servers of others, and says in one way what
// became of them: whether the other side certainly did not take a message, or may have.
package outward
