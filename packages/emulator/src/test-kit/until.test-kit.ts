/**
 * For tests: waits for what is on its way, rather than for as long as that should take. The limit is generous: it is
 * only there to fail a test in which the condition never comes true.
 */
export async function until(check: () => boolean | Promise<boolean>, limitMs = 20_000): Promise<void> {
  const deadline = performance.now() + limitMs
  while (!(await check())) {
    if (performance.now() > deadline) throw new Error(`did not come true: ${check}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
