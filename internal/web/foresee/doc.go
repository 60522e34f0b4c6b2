// Package foresee draws what is expected of days to come: for residents a calendar of
// the ward and of each office in words and shapes, for managers the same with its
// figures, how good it was, and where to say what the forecast cannot know.
package foresee
