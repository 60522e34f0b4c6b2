package outlook

// Play plays an Input. What is beyond the limits is left out; an Input without
// services or spells gives a Result of a hall in which nobody is called.
func Play(in Input) Result {
	return Result{Futures: futures(in)}
}

func futures(in Input) int {
	if in.Futures <= 0 {
		return DefaultFutures
	}
	return min(in.Futures, MostFutures)
}
