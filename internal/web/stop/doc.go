// Package stop is the page behind the link in an e-mail that ends all messages to its
// address. Opening it changes nothing: mail programs open links by themselves. Its
// button, or a mail program's own, ends them.
package stop
