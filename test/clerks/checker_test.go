package clerks_test

import (
	"testing"

	"github.com/anishathalye/porcupine"
)

// op is one action of a written history, from one moment to another.
func op(counter int, v verb, from, to int64, a answer) porcupine.Operation {
	return porcupine.Operation{ClientId: counter, Input: wish{v, counter}, Output: a, Call: from, Return: to}
}

func number(n int) answer { return answer{number: n} }

// three is a line of three tickets, given one after another.
func three() []porcupine.Operation {
	return []porcupine.Operation{
		op(8, issue, 0, 1, number(1)), op(8, issue, 2, 3, number(2)), op(8, issue, 4, 5, number(3)),
	}
}

// histories are what clients may have seen. Right ones could have come from one
// queue, the others hold a planted fault.
var histories = []struct {
	name  string
	right bool
	rest  []porcupine.Operation
}{
	{"two clerks at once, in either order", true, []porcupine.Operation{
		op(0, callNext, 10, 20, number(2)), op(1, callNext, 11, 19, number(1)),
	}},
	{"one ticket called by two counters at once", false, []porcupine.Operation{
		op(0, callNext, 10, 20, number(1)), op(1, callNext, 11, 19, number(1)),
	}},
	{"one ticket called by two counters, one after the other", false, []porcupine.Operation{
		op(0, callNext, 10, 11, number(1)), op(1, callNext, 12, 13, number(2)), op(2, callNext, 14, 15, number(1)),
	}},
	{"a ticket passed over", false, []porcupine.Operation{
		op(0, callNext, 10, 11, number(2)), op(1, callNext, 12, 13, number(1)),
	}},
	{"nobody waits, says a server that has not looked", false, []porcupine.Operation{
		op(0, callNext, 10, 11, number(1)), op(1, callNext, 12, 13, answer{}),
	}},
	{"one number given twice", false, []porcupine.Operation{
		op(0, issue, 10, 20, number(4)), op(1, issue, 11, 19, number(4)),
	}},
	{"a number left out", false, []porcupine.Operation{op(0, issue, 10, 20, number(5))}},
	{"a second ticket at one counter", false, []porcupine.Operation{
		op(0, callNext, 10, 11, number(1)), op(0, callNext, 12, 13, number(2)),
	}},
	{"a busy counter is refused", true, []porcupine.Operation{
		op(0, callNext, 10, 11, number(1)), op(0, callNext, 12, 13, answer{code: "counter_busy"}),
	}},
	{"an undone call is called again first", true, []porcupine.Operation{
		op(0, callNext, 10, 11, number(1)), op(0, undo, 12, 13, answer{}), op(1, callNext, 14, 15, number(1)),
	}},
	{"an undone call is lost", false, []porcupine.Operation{
		op(0, callNext, 10, 11, number(1)), op(0, undo, 12, 13, answer{}), op(1, callNext, 14, 15, number(2)),
	}},
	{"an undo that another call ran ahead of", true, []porcupine.Operation{
		op(0, callNext, 10, 11, number(1)), op(0, undo, 12, 20, answer{}), op(1, callNext, 13, 14, number(2)), op(2, callNext, 21, 22, number(1)),
	}},
	{"finish and call next, both taken back", true, []porcupine.Operation{
		op(0, callNext, 10, 11, number(1)), op(0, finishNext, 12, 13, number(2)), op(0, undo, 14, 15, answer{}),
		op(0, finish, 16, 17, answer{}), op(1, callNext, 18, 19, number(2)),
	}},
	{"an undone finish frees the counter all the same", false, []porcupine.Operation{
		op(0, callNext, 10, 11, number(1)), op(0, finish, 12, 13, answer{}), op(0, undo, 14, 15, answer{}), op(0, callNext, 16, 17, number(2)),
	}},
	{"a finish that is answered and does not last", false, []porcupine.Operation{
		op(0, callNext, 10, 11, number(1)), op(0, finish, 12, 13, answer{}), op(0, callNext, 14, 15, answer{code: "counter_busy"}),
	}},
}

func TestTheCheckerSeesWhatIsWrong(t *testing.T) {
	for _, h := range histories {
		if got := porcupine.CheckOperations(modelFrom(newHall(3, 1)), append(three(), h.rest...)); got != h.right {
			t.Errorf("%s: explained: %v, want %v", h.name, got, h.right)
		}
	}
}

// checkerSeesDoubleCall plants a double call into a real history, of which the first
// part is enough: the second of two clerks gets the ticket of the first.
func checkerSeesDoubleCall(t *testing.T, start hall, calls []porcupine.Operation) {
	t.Helper()
	var first any
	for i, o := range calls {
		switch {
		case o.Input.(wish).verb != callNext:
		case first == nil:
			first = o.Output
		default:
			calls[i].Output = first
			if porcupine.CheckOperations(modelFrom(start), calls) {
				t.Error("the checker believes that one ticket was called by two clerks")
			}
			return
		}
	}
	t.Error("the history has no two calls")
}
