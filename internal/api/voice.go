package api

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/queue"
	"machi/internal/speech"
)

// Voice speaks for the walls: the text of a call as a WAV file.
type Voice interface {
	Speak(ctx context.Context, language, text string) ([]byte, error)
}

// voiceLanguages are those that walls speak.
var voiceLanguages = []string{"ja", "en", "zh", "ko"}

// maxCalledAtOnce is how many numbers one announcement holds.
const maxCalledAtOnce = 6

// voiceCache lets a wall keep what it will say again: the same words sound the same.
const voiceCache = "public, max-age=3600"

func (a *API) voiceRoutes() []route {
	return []route{{"GET", base + "/offices/:office/voice", public, a.speak}}
}

// speak says a call of the board. Nothing else is said: neither strangers' words nor
// numbers that nobody called.
func (a *API) speak(c echo.Context) error {
	query := c.QueryParams()
	lang, counter, numbers := query.Get("lang"), queue.CounterID(query.Get("counter")), query["number"]
	if lang == "" {
		lang = "ja"
	}
	switch {
	case !slices.Contains(voiceLanguages, lang):
		return problemf(codeBadValue, "lang", "one of ja, en, zh, ko")
	case len(numbers) == 0 || len(numbers) > maxCalledAtOnce:
		return problemf(codeBadValue, "number", "1 to %d", maxCalledAtOnce)
	}
	s, err := a.hub.Snapshot(officeOf(c))
	if err != nil {
		return err
	}
	if !called(s.Frame.Board.Calls, numbers, counter) {
		return problem(codeNotFound, "number")
	}
	if a.mouth == nil {
		return problem(codeNoVoice, "")
	}
	sound, err := a.mouth.Speak(c.Request().Context(), lang, speech.Call(lang, numbers, string(counter)))
	switch {
	case errors.Is(err, speech.ErrNoVoice):
		return problem(codeNotFound, "lang")
	case err != nil && c.Request().Context().Err() == nil:
		a.logger.Warn("the voice of the walls does not work", "office", officeOf(c), "error", err)
		fallthrough
	case err != nil:
		return problem(codeNoVoice, "")
	}
	return sendTagged(c, `"`+hashSecret(string(sound))[:32]+`"`, voiceCache, "audio/wav", sound)
}

// called reports whether numbers are one announcement of a board: a call, or several of
// a delivery desk that were made at once, in their order. What could be put together
// of them otherwise is more than any voice can say.
func called(calls []board.Call, numbers []string, counter queue.CounterID) bool {
	for last := len(calls) - 1; last >= len(numbers)-1; last-- { // the newest call stands first
		first, said := calls[last], 0
		for said < len(numbers) {
			c := calls[last-said]
			together := said == 0 || c.Stage == queue.StageDelivery && c.Stage == first.Stage && c.At.Equal(first.At)
			if !together || c.Counter != counter || string(c.Number) != numbers[said] {
				break
			}
			said++
		}
		if said == len(numbers) {
			return true
		}
	}
	return false
}

// voiceMeanings are what the codes of the voice say.
var voiceMeanings = map[string]meaning{
	codeNoVoice: {http.StatusNotImplemented, "この窓口には案内の音声がありません", "No voice speaks here"},
}

const codeNoVoice = "no_voice"
