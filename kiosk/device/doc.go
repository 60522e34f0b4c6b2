// Package device is a ticket machine's identity: an Ed25519 key of its own, made on
// the machine and never sent anywhere, with which every request is signed.
//
// [Enrol] makes the key and has a server let it in by a one-time code. [Link] is the
// transport of everything after that: it signs, goes by the server's clock when the
// machine's own is wrong, tells each start of the machine once, so that a copied
// disk is found, notices when the machine was enrolled anew by another process, and
// says whether the server bars the machine.
//
// The folder holds device.json (the key; mode 0600, another is refused), starts.json
// (the chain of starts) and, between asking and being let in, device.next.json.
// Files are replaced whole: after a power cut they hold the old content or the new.
package device
