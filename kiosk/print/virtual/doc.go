// Package virtual is a receipt printer made of program: it reads every byte as a
// printer would, draws what comes out as a picture, answers what a printer answers
// and plays the faults of a [Script].
//
// Bytes are executed in order and only while there is paper and the cover is shut;
// real-time questions (DLE EOT) overtake them, even within a picture. What is not
// ESC/POS, or what a ticket has no business with (the drawer, the printer's memory,
// macros), is a complaint. State outlasts connections, so that a job that broke off
// in mid-command swallows the bytes of the next, as it does on a desk.
//
// A [Printer] may be used from several goroutines. It shares nothing with the
// encoder but the machine's fonts.
package virtual
