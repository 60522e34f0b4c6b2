// Package mail tells residents by e-mail, through the city's own mail server: one plain
// text in the resident's language, with a link that ends it. What a mail server answers
// is never passed on: it may name the address.
package mail
