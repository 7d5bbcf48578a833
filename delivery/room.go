package delivery

// What a worker holds at once.
const (
	places    = 1024 // calls under way
	mostAtOne = 64   // of them to one receiver
	memory    = 8192 // deliveries that are claimed and not yet recorded
	mostInOne = 1024 // of them in one lane
	mostClaim = 256  // deliveries in one claim
)

// placesFor answers how many places one receiver may have while so many are taken by all: the fewer
// are left, the fewer it gets, so that many slow receivers at once do not leave others without.
func placesFor(taken int) int { return share(mostAtOne, taken, places) }

// memoryFor answers how many deliveries one lane may have in memory while there are so many in all.
func memoryFor(held int) int { return share(mostInOne, held, memory) }

func share(most, taken, all int) int {
	switch {
	case taken >= all:
		return 0
	case taken >= all/8*7:
		return max(most/64, 1)
	case taken >= all/2:
		return most / 8
	default:
		return most
	}
}
