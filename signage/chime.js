// Two soft tones, made by the browser itself. A browser may forbid sound until
// somebody has touched the screen; then the wall offers a button.

/** @type {AudioContext | null} */
let audio = null;

/** @returns {boolean} whether sound is allowed */
export function ready() {
  audio ??= new AudioContext();
  return audio.state === "running";
}

export async function allow() {
  ready();
  await audio?.resume();
  return ready();
}

export function chime() {
  if (!ready() || !audio) return;
  tone(audio, 659.25, audio.currentTime);
  tone(audio, 523.25, audio.currentTime + 0.45);
}

/**
 * @param {AudioContext} context
 * @param {number} pitch in hertz
 * @param {number} at in the context's seconds
 */
function tone(context, pitch, at) {
  const oscillator = context.createOscillator();
  const volume = context.createGain();
  oscillator.frequency.value = pitch;
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(0.4, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.001, at + 1.2);
  oscillator.connect(volume).connect(context.destination);
  oscillator.start(at);
  oscillator.stop(at + 1.3);
}
