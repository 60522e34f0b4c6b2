// Package deploy tests what is shipped beside the programs: the ticket machine's
// package, its units and its start script.
package deploy
