/**
 * How even this machine's processor is while something is measured on it. A virtual machine shares its processors with
 * others, which can halve their speed for seconds. Latencies of two phases say something about the product only where
 * the processor was the same in both.
 */

/** Length of a sample, in turns of the loop: some 3 ms. */
const turns = 1_500_000
const everyMs = 50

/** Samples until `stop`, which returns how many times the processor time of a slow sample (p90) is that of a fast one (p10). */
export function watchProcessor(): { stop(): number } {
  // The first turns run before the loop is compiled.
  for (let n = 0; n < 20; n++) work()
  const samples: number[] = []
  const timer = setInterval(() => samples.push(processorTimeOf(work)), everyMs)
  return {
    stop() {
      clearInterval(timer)
      samples.sort((a, b) => a - b)
      const at = (share: number) => samples[Math.floor(samples.length * share)] ?? Number.NaN
      return at(0.9) / at(0.1)
    },
  }
}

/** Microseconds of processor time: waiting for a processor does not count. */
function processorTimeOf(run: () => void): number {
  const before = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(before)
  return user + system
}

function work(): number {
  let sum = 0
  for (let n = 0; n < turns; n++) sum += n % 7
  return sum
}
