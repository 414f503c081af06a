/**
 * One target out of those that take requests, by the group's algorithm.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#modify-routing-algorithm
 */
import type { Clock } from '../../../../clock.ts'
import type { TargetGroup } from '../../model/model.ts'
import { slowStartWeight } from '../target/slow-start.ts'
import type { LiveTarget } from '../target/targets.ts'

export interface Algorithms {
  pick(group: TargetGroup, candidates: readonly LiveTarget[]): LiveTarget | undefined
}

/** `random` gives numbers from 0 to below 1. */
export function createAlgorithms(clock: Clock, random: () => number): Algorithms {
  /** Whose turn it is, by group. */
  const turns = new Map<string, number>()

  function roundRobin(group: TargetGroup, candidates: readonly LiveTarget[]): LiveTarget | undefined {
    let turn = turns.get(group.arn) ?? 0
    let chosen = candidates[turn % candidates.length]
    for (let skipped = 0; chosen && skipped < candidates.length && !takesTurn(group, chosen); skipped++) {
      chosen = candidates[++turn % candidates.length]
    }
    turns.set(group.arn, (turn + 1) % candidates.length)
    return chosen
  }

  /** A target in slow start takes its turn as often as it is far: its share grows linearly. */
  function takesTurn(group: TargetGroup, target: LiveTarget): boolean {
    const share = slowStartWeight(clock, group.settings, target)
    if (share >= 1) target.slowStartSince = undefined
    return share >= 1 || random() < share
  }

  function leastOutstanding(candidates: readonly LiveTarget[]): LiveTarget | undefined {
    let least = Number.POSITIVE_INFINITY
    let idlest: LiveTarget[] = []
    for (const candidate of candidates) {
      const outstanding = candidate.inFlight.size
      if (outstanding > least) continue
      if (outstanding < least) idlest = []
      least = outstanding
      idlest.push(candidate)
    }
    return idlest[Math.floor(random() * idlest.length)]
  }

  return {
    pick(group, candidates) {
      if (candidates.length < 2) return candidates[0]
      switch (group.settings['load_balancing.algorithm.type']) {
        case 'least_outstanding_requests':
          return leastOutstanding(candidates)
        case 'weighted_random':
          return candidates[Math.floor(random() * candidates.length)]
        default:
          return roundRobin(group, candidates)
      }
    },
  }
}
