// Package speech turns what touch pages and wall screens say into sound, by whatever
// voice an office has: its own recordings, Open JTalk with a voice file, espeak-ng, or the
// browser.
//
// [Open] reads what the operator wrote:
//
//	clips:DIR             recordings: DIR/phrases.tsv names a WAV file for each phrase
//	openjtalk:VOICE       open_jtalk with the voice file VOICE (.htsvoice)
//	espeak                espeak-ng, which speaks every language of the pages
//	browser, none         no sound from here: the page uses the browser's voice or a tone
//
// Texts come with readings in the place of Chinese characters, so that a plain voice
// can say them; [Call] makes the sentence of a call so. What was said stays in a
// bounded memory: most of it is said all day. A [Speaker] may be used from several
// goroutines. The tests run real programs where they are installed and read the sound
// back.
package speech
