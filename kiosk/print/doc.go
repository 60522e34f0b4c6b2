// Package print turns a ticket into paper: a picture as wide as a receipt
// printer's head, black and white, with the number as large as it will go.
//
// [File] is the printer that keeps the picture and a plain text beside it in a
// folder. A printer reports whether paper is out, is certainly not, or may be.
//
// Fonts come from the machine; with nothing installed a bitmap font of the program
// itself is used, so that a ticket can always be printed. A [Case] of types is
// made once and may be used from several goroutines. The tests read pictures and
// texts back.
package print
