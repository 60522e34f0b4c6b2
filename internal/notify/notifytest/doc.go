// Package notifytest runs the other side of notices on this machine, for tests: a push
// service that decrypts and checks signatures as a browser and its maker do, a mail
// server, and LINE's endpoint.
package notifytest
