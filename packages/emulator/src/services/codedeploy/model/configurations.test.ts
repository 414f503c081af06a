/** The shifts of the deployment configurations that every account has, as a table. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shiftSteps } from '../../traffic-shift/steps.ts'
import { predefinedConfigurations, strategyOf } from './configurations.ts'

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
      shiftSteps(strategyOf(routing)).map(({ percent, thenWaitMinutes }) => [percent, thenWaitMinutes]),
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
