package outlook

// WaitOf is the distribution of waits in seconds.
func WaitOf(all []float32) Wait { return waitOf(all) }
