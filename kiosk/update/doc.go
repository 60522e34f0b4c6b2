// Package update replaces the programs of a ticket machine without a person at
// each machine, and takes an update back that does not work.
//
// A machine has two slots, a and b, and a link named current that names one of
// them. An update is a signed bundle; it is checked whole into the other slot, then
// the link is switched and the new programs are on trial. Every start counts a
// trial; once the agent answers the update is confirmed, and one that used up its
// trials is taken back: the slot before runs again.
//
// The invariant: at every moment, also after a power cut, current names a slot
// whose files are all there as their signed manifest says.
//
// A bundle is a tar archive: manifest.json, manifest.sig (an Ed25519 signature of
// the manifest's bytes), then the files in the order of the manifest. Nothing of it
// is used before the signature is verified, and nothing that it does not name is
// written. It can come from a USB stick: no network is needed.
//
// One process at a time may call [Machine]'s methods, which a lock file sees to. The
// tests stop an update at every step and hand it every kind of bad bundle.
package update
