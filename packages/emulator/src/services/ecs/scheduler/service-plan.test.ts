import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { replacementStep, rollingStep, type TaskCounts } from './service-plan.ts'

const percentages = (minimumHealthyPercent: number, maximumPercent: number) => ({
  minimumHealthyPercent,
  maximumPercent,
})
const counts = (available: number, healthy: number, failed = 0): TaskCounts => ({
  available,
  healthy,
  failed,
})

describe('replacing unhealthy tasks', () => {
  const half = percentages(100, 200)
  for (const { name, desired = 2, now, limits = half, step } of [
    { name: 'nothing to do', now: counts(2, 2), step: [0, 0, 0] },
    { name: 'too few', now: counts(1, 1), step: [1, 0, 0] },
    { name: 'too many', now: counts(3, 3), step: [0, 1, 0] },
    { name: 'starts the replacement first', now: counts(1, 1, 1), step: [1, 0, 0] },
    { name: 'waits for the replacement', now: counts(2, 1, 1), step: [0, 0, 0] },
    { name: 'then stops the unhealthy one', now: counts(2, 2, 1), step: [0, 0, 1] },
    { name: 'stops one where the replacement fails too', now: counts(1, 1, 2), step: [1, 0, 1] },
    { name: 'without room, makes it', limits: percentages(50, 100), now: counts(1, 1, 1), step: [0, 0, 1] },
    { name: 'one at a time', limits: percentages(50, 100), now: counts(0, 0, 2), step: [0, 0, 1] },
    { name: 'waits without room too', limits: percentages(50, 100), now: counts(1, 0, 1), step: [0, 0, 0] },
    { name: 'scaled to nothing', desired: 0, now: counts(1, 1, 1), step: [0, 1, 1] },
  ] as const) {
    test(name, () => {
      const { start, stopAvailable, stopFailed } = replacementStep(desired, now, limits)
      assert.deepEqual([start, stopAvailable, stopFailed], step)
    })
  }
})

interface RollingCase {
  readonly name: string
  readonly desired: number
  readonly limits: readonly [minimumHealthyPercent: number, maximumPercent: number]
  readonly primary: readonly [available: number, healthy: number, failed?: number]
  readonly earlier: readonly [all: number, healthy: number]
  readonly start: number
  readonly stopEarlier: number
  readonly stopFailed?: number
  readonly blocked?: boolean
}

describe('a step of a rolling deployment', () => {
  for (const { name, desired, limits, primary, earlier, start, stopEarlier, ...more } of [
    {
      name: '100/200 starts all',
      desired: 4,
      limits: [100, 200],
      primary: [0, 0],
      earlier: [4, 4],
      start: 4,
      stopEarlier: 0,
    },
    {
      name: '100/200 stops as new ones are healthy',
      desired: 4,
      limits: [100, 200],
      primary: [4, 1],
      earlier: [4, 4],
      start: 0,
      stopEarlier: 1,
    },
    {
      name: '0/100 stops first',
      desired: 1,
      limits: [0, 100],
      primary: [0, 0],
      earlier: [1, 1],
      start: 0,
      stopEarlier: 1,
    },
    {
      name: '50/100 stops half first',
      desired: 4,
      limits: [50, 100],
      primary: [0, 0],
      earlier: [4, 4],
      start: 0,
      stopEarlier: 2,
    },
    {
      name: '50/100 starts where there is room',
      desired: 4,
      limits: [50, 100],
      primary: [0, 0],
      earlier: [2, 2],
      start: 2,
      stopEarlier: 0,
    },
    {
      name: 'the minimum is rounded up',
      desired: 3,
      limits: [50, 100],
      primary: [0, 0],
      earlier: [3, 3],
      start: 0,
      stopEarlier: 1,
    },
    {
      name: 'the maximum is rounded down',
      desired: 3,
      limits: [100, 150],
      primary: [0, 0],
      earlier: [3, 3],
      start: 1,
      stopEarlier: 0,
    },
    {
      name: 'unhealthy earlier ones go first',
      desired: 2,
      limits: [100, 200],
      primary: [0, 0],
      earlier: [2, 0],
      start: 2,
      stopEarlier: 2,
    },
    {
      name: '100/100 is stuck',
      desired: 2,
      limits: [100, 100],
      primary: [0, 0],
      earlier: [2, 2],
      start: 0,
      stopEarlier: 0,
      blocked: true,
    },
    {
      name: 'one is always allowed',
      desired: 1,
      limits: [0, 50],
      primary: [0, 0],
      earlier: [0, 0],
      start: 1,
      stopEarlier: 0,
    },
    {
      name: 'unhealthy new ones take room too',
      desired: 2,
      limits: [100, 200],
      primary: [1, 0, 1],
      earlier: [2, 2],
      start: 0,
      stopEarlier: 0,
    },
    {
      name: 'an unhealthy new one makes room where nothing else can',
      desired: 2,
      limits: [100, 150],
      primary: [0, 0, 1],
      earlier: [2, 2],
      start: 0,
      stopEarlier: 0,
      stopFailed: 1,
    },
    {
      name: 'what is still starting is waited for',
      desired: 2,
      limits: [100, 150],
      primary: [1, 0],
      earlier: [2, 2],
      start: 0,
      stopEarlier: 0,
    },
  ] as readonly RollingCase[]) {
    test(name, () => {
      const [available, healthy, failed = 0] = primary
      const step = rollingStep(
        desired,
        counts(available, healthy, failed),
        { all: earlier[0], healthy: earlier[1] },
        percentages(limits[0], limits[1]),
      )
      assert.deepEqual(step, { start, stopEarlier, stopAvailable: 0, stopFailed: 0, blocked: false, ...more })
    })
  }
})
