package print

// Bytes are a ticket's bytes for a printer of so many dots that knows everything.
func Bytes(c *Case, t Ticket, dots int) []byte {
	return c.bytesOf(t, profile{dots: dots, kanji: true, fine: true, qr: true, cut: "partial", status: "yes"})
}
