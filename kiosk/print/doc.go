// Package print turns a ticket into paper and says truly what became of it.
//
// A [Ticket] is laid out once, for the width of a paper, into rows, a number, rules
// and QR codes. They become ESC/POS: rows by the printer's own Japanese letters where
// every printer has all of them (Shift_JIS, JIS X 0208), and pictures set in the
// machine's fonts otherwise; or, for a folder, one picture. The number is at least
// 20 mm high. With no font installed the coarse one of the program is used, so that a
// ticket can always be printed; [Case.Lacks] says for which languages.
//
// Text never becomes a command: what is no visible letter is dropped before layout,
// and no byte sequence of a ticket, pictures included, is a real-time command.
//
// [Open] makes a [Printer] of a target. Paper is promised by the printer's word alone.
// Before a ticket it is asked how it is; a fault then is a [Failed]: nothing was sent,
// there is certainly no paper. After the first byte every trouble is a [Doubt], which
// is an [ErrUnknown]. Printed is what the printer said is printed, in answer to a
// request (GS r, and its name where it has one) that stands behind the ticket. What a
// ticket that broke off left in the printer is ended and cut off before the next, and
// late answers to it are not taken for new ones. A serial line without flow control
// can lose letters without anybody's noticing: choose one.
//
// A printer may be used from several goroutines and does one thing at a time; every
// wait has a limit of [Options]. The tests run against package virtual, which plays
// the faults and tells the clock when to pass, so that none depends on speed.
package print
