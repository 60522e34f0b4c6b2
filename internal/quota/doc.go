// Package quota says whether one more ticket may be taken from home: how many in
// ten minutes, in a day, as a share of everybody, of one device and of one network.
//
// Its one invariant: it counts what it is given and remembers nothing, so that who
// asks it of a log's newest state gets an answer that holds for all servers.
package quota
