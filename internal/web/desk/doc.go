// Package desk is what the floor is run with: the reception desk, where a visitor's
// words become a ticket with forms and papers, and where tickets are found, moved
// and joined; the delivery desk, which announces numbers and hands things over; the
// list of the back office; and the slip of a ticket on paper or screen.
//
// Its one invariant: where a page stands is in its address. The module only sends
// forms and follows links without leaving the page, and takes over what the server
// draws for the new address; without it everything works as well.
package desk
