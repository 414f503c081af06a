/** The shifts of the deployment configurations that every account has, and of one's own, as tables. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../../clock.ts'
import { patienceMs } from '../deployment/install.ts'
import { predefinedConfigurations, shiftSteps } from './configurations.ts'

const linear = (percentage: number, minutes: number): [number, number][] => {
  const steps = Array.from(
    { length: Math.ceil(100 / percentage) - 1 },
    (_, index) => (index + 1) * percentage,
  )
  return [...steps.map((percent): [number, number] => [percent, minutes]), [100, 0]]
}

// https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html#deployment-configuration-ecs
test('the predefined configurations shift all at once, in ten steps of 10 %, or 10 % before the rest', () => {
  const steps = Object.fromEntries(
    predefinedConfigurations.map(({ name, routing }) => [
      name.replace('CodeDeployDefault.ECS', ''),
      shiftSteps(routing).map(({ percent, thenWaitMinutes }) => [percent, thenWaitMinutes]),
    ]),
  )
  assert.deepEqual(steps, {
    AllAtOnce: [[100, 0]],
    Linear10PercentEvery1Minutes: linear(10, 1),
    Linear10PercentEvery3Minutes: linear(10, 3),
    Canary10Percent5Minutes: [
      [10, 5],
      [100, 0],
    ],
    Canary10Percent15Minutes: [
      [10, 15],
      [100, 0],
    ],
  })
})

test('AWS’s patience with tasks is never shorter than what an application may take to start', () => {
  const patience = (speed: number, startingMs: number, awsMs: number) =>
    patienceMs({ clock: systemClock(speed), ecs: { startingMs } as never }, awsMs)
  assert.equal(patience(600, 1_000, 3_600_000), 6_000, 'AWS’s own is longer')
  assert.equal(patience(10_000, 30_000, 3_600_000), 30_000)
  assert.equal(patience(10_000, 900_000, 300_000), 300_000, 'and never longer than AWS’s in full')
})
