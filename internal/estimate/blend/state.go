package blend

// Blend is the memory of the second stage for one place. The zero value knows
// nothing and answers with the virtual queue. It is written to JSON whole and
// read back exactly.
type Blend struct{}
