// Package line tells residents by LINE (Messaging API), and reads what they send to the
// office's account.
package line
