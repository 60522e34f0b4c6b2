package speech

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// program is a voice that another program speaks. The text goes to its standard
// input, never into its arguments.
type program struct {
	path     string
	flags    func(language string) ([]string, error)
	toFile   bool // it writes a file named by -ow, not its standard output
	japanese bool // it speaks nothing else
}

// jtalkDictionary is where Debian keeps Open JTalk's dictionary.
const jtalkDictionary = "/var/lib/mecab/dic/open-jtalk/naist-jdic"

func openJTalk(voice string) (Speaker, error) {
	if voice == "" {
		return nil, fmt.Errorf("speech: openjtalk needs a voice file: openjtalk:/path/to/VOICE.htsvoice")
	}
	for _, need := range []string{voice, jtalkDictionary} {
		if _, err := os.Stat(need); err != nil {
			return nil, fmt.Errorf("speech: openjtalk: %w", err)
		}
	}
	path, err := exec.LookPath("open_jtalk")
	if err != nil {
		return nil, fmt.Errorf("speech: %w", err)
	}
	flags := func(string) ([]string, error) { return []string{"-x", jtalkDictionary, "-m", voice, "-r", "0.9"}, nil }
	return program{path: path, flags: flags, toFile: true, japanese: true}, nil
}

// espeakVoices are espeak-ng's names of the pages' languages.
var espeakVoices = map[string]string{"ja": "ja", "ja-x-easy": "ja", "en": "en", "zh": "cmn", "ko": "ko"}

func openEspeak(argument string) (Speaker, error) {
	if argument != "" {
		return nil, fmt.Errorf("speech: espeak takes no argument")
	}
	path, err := exec.LookPath("espeak-ng")
	if err != nil {
		return nil, fmt.Errorf("speech: %w", err)
	}
	flags := func(language string) ([]string, error) {
		voice, ok := espeakVoices[language]
		if !ok {
			return nil, ErrNoVoice
		}
		return []string{"-v", voice, "-s", "140", "-b", "1", "--stdin", "--stdout"}, nil
	}
	return program{path: path, flags: flags}, nil
}

func (p program) Speak(ctx context.Context, language, text string) ([]byte, error) {
	if p.japanese && !strings.HasPrefix(language, "ja") {
		return nil, ErrNoVoice
	}
	flags, err := p.flags(language)
	if err != nil {
		return nil, err
	}
	file := ""
	if p.toFile {
		f, err := os.CreateTemp("", "machi-speech-*.wav")
		if err != nil {
			return nil, fmt.Errorf("speech: %w", err)
		}
		file = f.Name()
		defer os.Remove(file)
		if err := f.Close(); err != nil {
			return nil, fmt.Errorf("speech: %w", err)
		}
		flags = append(flags, "-ow", file)
	}
	command := exec.CommandContext(ctx, p.path, flags...)
	command.Stdin = strings.NewReader(text)
	var complaint bytes.Buffer
	command.Stderr = &complaint
	sound, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("speech: %s: %w: %s", p.path, err, bytes.TrimSpace(complaint.Bytes()))
	}
	if p.toFile {
		if sound, err = os.ReadFile(file); err != nil {
			return nil, fmt.Errorf("speech: %w", err)
		}
	}
	return mend(sound)
}
