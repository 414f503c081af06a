/**
 * Priority of a service's listener rules. It follows from the service's name, so that adding, removing or moving
 * a service in the configuration leaves the rules of the others alone: two rules that swap priorities in one
 * apply collide. Each rule has its own hosts, so their order has no meaning.
 */
import { createHash } from 'node:crypto'

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html: 1 to 50,000. */
const highest = 50_000

export function rulePriority(service: string, services: readonly string[]): number {
  const taken = new Set<number>()
  for (const name of [...services].sort()) {
    let priority = (createHash('sha256').update(name).digest().readUInt32BE(0) % highest) + 1
    while (taken.has(priority)) priority = (priority % highest) + 1
    if (name === service) return priority
    taken.add(priority)
  }
  throw new Error(`invariant: ${service} is one of ${services.join(', ')}`)
}
