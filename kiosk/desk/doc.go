// Package desk guards the staff mode of a ticket machine, which stands where
// everybody can touch it: a [Lock] counts wrong PINs on the disk, so that pulling
// the plug gives no further try, and [Sessions] end a sign-in that nobody uses.
//
// Both may be used from several goroutines, and take their clock from the caller.
package desk
