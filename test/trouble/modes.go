package trouble

// Mode is one way in which a ticket machine, its printer or its line can fail.
type Mode struct {
	ID    string // as in the list of failure modes
	Fault string
	Must  string // what must hold all the same
	Tests []Test // at least one
}

// Test names a test that shows what happens: a Go test of a package, or a browser
// test by the beginning of its name in a file.
type Test struct {
	In   string // folder or file, from the root of the repository
	Name string
}

// Modes are all failure modes of ticket machines.
var Modes = []Mode{
	{
		"F30", "the line refuses, swallows, loses, delays, is open in one direction only, or breaks off",
		"every press gets a number; the next ones do not wait for the line",
		[]Test{{"test/trouble", "TestEveryFaultOfTheLine"}, {"test/trouble", "TestCycles"}},
	},
	{
		"F31", "the server accepts connections and says nothing", "as F30",
		[]Test{{"test/trouble", "TestEveryFaultOfTheLine"}, {"kiosk", "TestLostAnswerPaperWins"}},
	},
	{
		"F32", "no server for a whole day, two machines, 800 people",
		"every paper is in the log, no number twice, people wait in the order in which they came",
		[]Test{{"test/trouble", "TestAWholeDayAlone"}},
	},
	{
		"F33", "no server over the change of the day, and for three days", "every ticket comes into its own day",
		[]Test{{"test/trouble", "TestThreeDaysAlone"}, {"test/trouble", "TestOverMidnight"}},
	},
	{
		"F34", "switched on without a network", "numbers from the stored plan; none that could be another's",
		[]Test{{"kiosk", "TestBootsAloneFromTheStoredPlan"}, {"kiosk", "TestNeverConnectedSaysSo"}},
	},
	{
		"F35", "killed, or without power, at any point of a press or of a write",
		"paper has a live ticket, nobody else has one; every saved mark is there",
		[]Test{{"kiosk", "TestKilledAtEveryPointOfAPress"}, {"test/powercut", "TestPowerCuts"}, {"kiosk/store", "TestRotationCutAtEveryPoint"}},
	},
	{
		"F36", "the bbolt file is flipped, zeroed, cut, or yesterday's", "the machine starts and has every mark",
		[]Test{{"kiosk/store", "TestDamagedFiles"}, {"test/trouble", "TestATornStore"}},
	},
	{
		"F37", "the journal is", "as F36",
		[]Test{{"kiosk/store", "TestDamagedFiles"}, {"test/trouble", "TestATornStore"}},
	},
	{
		"F38", "both files are lost: a new disk", "no number of its own before the server has bound another range",
		[]Test{{"test/trouble", "TestANewDisk"}, {"kiosk/store", "TestANewDiskIsANewStore"}},
	},
	{
		"F39", "the disk is in two machines", "the copy is found at its first contact and gives no more numbers of its own",
		[]Test{{"test/trouble", "TestTheDiskInTwoMachines"}},
	},
	{
		"F40", "the disk is full", "a thousand more tickets",
		[]Test{{"kiosk/store", "TestAThousandTicketsOnAFullDisk"}, {"kiosk/store", "TestTheJournalKeepsRoomForAThousandTickets"}, {"test/trouble", "TestAFileThatCannotBeWritten"}},
	},
	{
		"F41", "the disk is read-only, or fails", "one file is enough; without any there is no paper, and the screen says so",
		[]Test{{"test/trouble", "TestAFileThatCannotBeWritten"}, {"test/trouble", "TestADiskThatTakesNothingAtTheStart"}, {"kiosk/store", "TestAFailingFileIsLeftAlone"}},
	},
	{
		"F42", "the clock is dead, a year ahead, an hour back, or jumps", "no number twice, no date that nobody believes",
		[]Test{{"test/trouble", "TestClocksThatAreWrong"}},
	},
	{
		"F43", "paper out, cover open, cable or plug pulled in mid-ticket, a printer that never answers",
		"the number is on the screen and on at most one paper",
		[]Test{{"test/trouble", "TestThePrinterFailsInMidTicket"}, {"kiosk/print", "TestATicketIsSaidToBeWhatItIsUnderEveryFault"}},
	},
	{
		"F44", "a slow printer keeps tickets in its memory and loses its power", "each of them is in doubt, or was not sent",
		[]Test{{"kiosk/print", "TestTicketsThatThePrinterKeepsAreInDoubtOrNotSent"}},
	},
	{
		"F45", "a double tap, twenty taps, a palm", "one ticket",
		[]Test{{"internal/replica", "TestOneTicketForEachVisitor"}},
	},
	{
		"F46", "a second agent on the same store", "it refuses and says why",
		[]Test{{"test/trouble", "TestASecondAgent"}, {"kiosk/store", "TestFolderHasOneOwner"}},
	},
	{
		"F47", "the browser is killed, or hangs", "it is back at once, and the press goes on",
		[]Test{{"kiosk/browser", "TestBrowserComesBackWhenItIsKilledAndWhenItHangs"}},
	},
	{
		"F48", "the range is used up", "numbers of the machine that count for life, without a pause",
		[]Test{{"test/trouble", "TestTheRangeIsUsedUp"}, {"internal/replica", "TestOverflowCountsForLife"}},
	},
	{
		"F49", "the catalogue changes while the machine is alone", "its old range stays closed to others for the day",
		[]Test{{"test/trouble", "TestTheCatalogueChangesWhileAlone"}},
	},
	{
		"F50", "the merge breaks off at any byte", "it goes on where it was",
		[]Test{{"test/trouble", "TestAMergeThatBreaksOff"}, {"test/trouble", "TestCycles"}},
	},
}
