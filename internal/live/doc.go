// Package live holds the newest board of every office for any number of
// watchers.
//
// Its invariant: a watcher is given states, never changes, and always the newest
// one. So a slow watcher costs one pointer, a missed frame does no harm, and the
// numbers that one watcher sees of one epoch only ever rise.
//
// A [Hub] follows the heads of the offices and projects each anew when its log
// has grown, at most ten times a second, and every 15 seconds, because estimates
// age. Whoever asks for a frame gets one of the newest head the server knows: a
// clerk who has just called a number sees it.
//
// It also keeps what every ticket machine said of itself last: one report each,
// in memory, measured, and silent after [SilentAfter].
//
// All methods may be called from several goroutines. The tests run a hub over
// states made by the domain itself.
package live
