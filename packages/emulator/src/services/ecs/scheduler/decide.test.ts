/** The scheduler's decisions as a table: a service with its task sets and tasks, and the actions that follow. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ServiceRecord, TaskRecord, TaskSetRecord } from '../model/model.ts'
import type { Action } from './actions.ts'
import { decide } from './decide.ts'
import type { ObservedTask, ObservedTaskSet } from './observation.ts'

const now = 1_000_000

const service = (more: Partial<ServiceRecord> = {}): ServiceRecord => ({
  arn: 'arn:service',
  name: 'web',
  clusterName: 'main',
  status: 'ACTIVE',
  controller: 'ECS',
  desiredCount: 1,
  taskDefinitionArn: 'app:1',
  loadBalancers: [],
  network: undefined,
  gracePeriodSeconds: 0,
  minimumHealthyPercent: 100,
  maximumPercent: 200,
  circuitBreaker: { enable: false, rollback: false },
  launchType: 'FARGATE',
  capacityProviderStrategy: [],
  platformVersion: 'LATEST',
  propagateTags: 'NONE',
  enableEcsManagedTags: false,
  enableExecuteCommand: false,
  tags: [],
  createdAt: 0,
  createdBy: 'root',
  ...more,
})

const blueGreen = (more: Partial<ServiceRecord> = {}) => service({ controller: 'CODE_DEPLOY', ...more })

const taskSetRecord = (id: string, more: Partial<TaskSetRecord>): TaskSetRecord => ({
  id,
  arn: `arn:${id}`,
  serviceArn: 'arn:service',
  clusterName: 'main',
  serviceName: 'web',
  status: 'PRIMARY',
  taskDefinitionArn: 'app:1',
  loadBalancer: undefined,
  network: undefined,
  createdAt: 0,
  updatedAt: 0,
  stabilityStatus: 'STEADY_STATE',
  stabilityStatusAt: 0,
  failedTasks: 0,
  failedStarts: 0,
  ...more,
})

/** A deployment of the rolling controller that is complete, unless `more` says otherwise. */
const rolling = (
  id: string,
  tasks: ObservedTask[],
  more: Partial<TaskSetRecord> = {},
  observed: Partial<ObservedTaskSet> = {},
) => set(id, tasks, { rolloutState: 'COMPLETED', ...more }, observed)

const set = (
  id: string,
  tasks: ObservedTask[],
  more: Partial<TaskSetRecord> = {},
  observed: Partial<ObservedTaskSet> = {},
): ObservedTaskSet => ({
  taskSet: taskSetRecord(id, more),
  tasks,
  alarmsInAlarm: [],
  bakeMs: 0,
  ...observed,
})

const task = (
  id: string,
  more: Partial<TaskRecord> = {},
  observed: Partial<ObservedTask> = {},
): ObservedTask => ({
  task: {
    id,
    arn: id,
    clusterName: 'main',
    taskDefinitionArn: 'app:1',
    group: 'service:web',
    launchType: 'FARGATE',
    lastStatus: 'RUNNING',
    desiredStatus: 'RUNNING',
    containers: [],
    overrides: {},
    network: undefined,
    tags: [],
    createdAt: 0,
    answered: true,
    wasHealthy: true,
    ...more,
  },
  healthy: (more.lastStatus ?? 'RUNNING') === 'RUNNING',
  failure: undefined,
  answered: true,
  graceEndsAt: 0,
  countsFrom: 0,
  protectedUntil: undefined,
  ...observed,
})

const starting = (id: string) => task(id, { lastStatus: 'PENDING', answered: false, wasHealthy: false })
const stopped = (id: string) => task(id, { lastStatus: 'STOPPED', desiredStatus: 'STOPPED' })
const draining = (id: string) => task(id, { lastStatus: 'DEACTIVATING', desiredStatus: 'STOPPED' })
const failure = { event: 'is unhealthy', stoppedReason: 'failed checks' }
const failing = (id: string, observed: Partial<ObservedTask> = {}) =>
  task(id, {}, { healthy: false, failure, ...observed })
const failed = (id: string) => task(id, { failedChecks: failure.stoppedReason }, { healthy: false, failure })

const breaker = (value: number) => ({
  circuitBreaker: {
    enable: true,
    rollback: true,
    thresholdConfiguration: { type: 'COUNT' as const, value },
  },
})

/** An action in a few words, so that a row of the table can be read. */
function brief(action: Action): string {
  switch (action.type) {
    case 'updateTask':
      return `updateTask ${action.taskId} ${Object.entries(action.change)
        .map(([key, value]) => `${key}=${value}`)
        .join(' ')}`
    case 'addEvent':
      return `addEvent ${action.taskSetId} ${action.message.split(' ').slice(0, 4).join(' ')}`
    case 'countFailedTask':
      return `countFailedTask ${action.taskSetId}`
    case 'failDeployment':
      return ['failDeployment', action.taskSetId, ...(action.triggeredAlarms ?? [])].join(' ')
    case 'stopTasks':
      return `stopTasks ${action.taskSetId}: ${action.tasks.map(({ id }) => id).join(' ')}`
    case 'startTasks':
      return `startTasks ${action.taskSetId} ${action.count}`
    case 'setStability':
      return `setStability ${action.taskSetId} ${action.stabilityStatus}`
    case 'deactivateService':
      return action.type
    default:
      return `${action.type} ${action.taskSetId}`
  }
}

interface Row {
  readonly name: string
  readonly service?: ServiceRecord
  readonly sets: readonly ObservedTaskSet[]
  readonly actions: readonly string[]
  readonly recheckAfterMs?: number
}

const run = (rows: readonly Row[]) => {
  for (const { name, service: given = service(), sets, actions, recheckAfterMs } of rows)
    test(name, () => {
      const decision = decide(given, sets, now)
      assert.deepEqual(decision.actions.map(brief), actions)
      assert.equal(decision.recheckAfterMs, recheckAfterMs)
    })
}

const inProgress = { rolloutState: 'IN_PROGRESS', stabilityStatus: 'STABILIZING' } as const
const stabilizing = { stabilityStatus: 'STABILIZING' } as const

describe('a task set on its own', () => {
  run([
    { name: 'with the desired tasks needs nothing', sets: [rolling('a', [task('1')])], actions: [] },
    {
      name: 'starts missing tasks and is not steady any more',
      service: service({ desiredCount: 2 }),
      sets: [rolling('a', [task('1')])],
      actions: ['startTasks a 1', 'setStability a STABILIZING'],
    },
    {
      name: 'starts no task before the back-off is over',
      sets: [rolling('a', [], { retryAt: now + 500, ...stabilizing })],
      actions: [],
      recheckAfterMs: 500,
    },
    {
      name: 'starts no task for a deployment that has failed',
      sets: [rolling('a', [], { rolloutState: 'FAILED', ...stabilizing })],
      actions: [],
    },
    {
      name: 'stops surplus tasks and stays steady',
      sets: [rolling('a', [task('1', { createdAt: 1 }), task('2', { createdAt: 2 })])],
      actions: ['stopTasks a: 2'],
    },
    {
      name: 'does not stop a protected task before its protection ends',
      sets: [
        rolling(
          'a',
          [task('1'), task('2')].map((each) => ({ ...each, protectedUntil: now + 70 })),
        ),
      ],
      actions: ['setStability a STABILIZING'],
      recheckAfterMs: 70,
    },
    {
      name: 'is not steady while a task starts',
      sets: [rolling('a', [starting('1')])],
      actions: ['setStability a STABILIZING'],
    },
    {
      name: 'becomes steady with an event',
      service: blueGreen(),
      sets: [set('a', [task('1')], stabilizing)],
      actions: ['setStability a STEADY_STATE', 'addEvent a has reached a steady'],
    },
  ])
})

describe('health checks', () => {
  run([
    {
      name: 'a failed check counts and its task is replaced',
      sets: [rolling('a', [failing('1')])],
      actions: [
        'updateTask 1 failedChecks=failed checks',
        'addEvent a is unhealthy',
        'countFailedTask a',
        'startTasks a 1',
        'setStability a STABILIZING',
      ],
    },
    {
      name: 'a failed check does not count in the grace period',
      sets: [rolling('a', [failing('1', { graceEndsAt: now + 40 })], stabilizing)],
      actions: [],
      recheckAfterMs: 40,
    },
    {
      name: 'a failed check counts once, and its task stops when the replacement is healthy',
      sets: [rolling('a', [failed('1'), task('2')], stabilizing)],
      actions: ['stopTasks a: 1', 'setStability a STEADY_STATE', 'addEvent a has reached a steady'],
    },
    {
      name: 'a task that recovers is not replaced',
      sets: [rolling('a', [task('1', { failedChecks: 'failed checks' })])],
      actions: ['updateTask 1 failedChecks=undefined'],
    },
    {
      name: 'the first answer and the first healthy task are stored, and failed tasks are counted from 0 again',
      sets: [rolling('a', [task('1', { answered: false, wasHealthy: false })], { failedTasks: 2 })],
      actions: ['updateTask 1 answered=true wasHealthy=true', 'resetFailedTasks a'],
    },
    {
      name: 'failed tasks stay counted where the circuit breaker says so',
      service: service({ circuitBreaker: { enable: true, rollback: true, resetOnHealthyTask: false } }),
      sets: [rolling('a', [task('1', { wasHealthy: false })], { failedTasks: 2 })],
      actions: ['updateTask 1 wasHealthy=true'],
    },
    {
      name: 'the circuit breaker fails the deployment at its threshold, and nothing else is decided',
      service: service({ desiredCount: 2, ...breaker(2) }),
      sets: [rolling('a', [failing('1')], { ...inProgress, failedTasks: 1 })],
      actions: [
        'updateTask 1 failedChecks=failed checks',
        'addEvent a is unhealthy',
        'countFailedTask a',
        'failDeployment a',
      ],
      recheckAfterMs: 0,
    },
    {
      name: 'the circuit breaker does not fail a deployment that is complete',
      service: service(breaker(1)),
      sets: [rolling('a', [failing('1')], stabilizing)],
      actions: [
        'updateTask 1 failedChecks=failed checks',
        'addEvent a is unhealthy',
        'countFailedTask a',
        'startTasks a 1',
      ],
    },
  ])
})

describe('a rolling deployment', () => {
  const earlier = { status: 'ACTIVE', stabilityStatus: 'STABILIZING' } as const
  run([
    {
      name: 'starts the new tasks beside the old ones',
      sets: [rolling('old', [task('1')], { status: 'ACTIVE' }), rolling('new', [], inProgress)],
      actions: ['startTasks new 1', 'setStability old STABILIZING'],
    },
    {
      name: 'keeps an old task until the new one is healthy',
      sets: [rolling('old', [task('1')], earlier), rolling('new', [starting('2')], inProgress)],
      actions: [],
    },
    {
      name: 'keeps an old task until a task without a check has run for long enough',
      sets: [
        rolling('old', [task('1')], earlier),
        rolling('new', [task('2', {}, { countsFrom: now + 80 })], inProgress),
      ],
      actions: ['setStability new STEADY_STATE'],
      recheckAfterMs: 80,
    },
    {
      name: 'stops the old task and completes in one decision',
      sets: [rolling('old', [task('1')], earlier), rolling('new', [task('2')], inProgress)],
      actions: [
        'stopTasks old: 1',
        'setStability old STEADY_STATE',
        'addEvent old has reached a steady',
        'setStability new STEADY_STATE',
        'completeDeployment new',
        'addEvent new has reached a steady',
      ],
      recheckAfterMs: 0,
    },
    {
      name: 'keeps the earlier task set while its tasks stop',
      sets: [rolling('old', [draining('1')], { status: 'ACTIVE' }), rolling('new', [task('2')])],
      actions: [],
    },
    {
      name: 'deletes the earlier task set when its tasks have stopped',
      sets: [rolling('old', [stopped('1')], { status: 'ACTIVE' }), rolling('new', [task('2')])],
      actions: ['deleteTaskSet old'],
    },
    {
      name: 'stops unhealthy old tasks first',
      service: service({ desiredCount: 2, minimumHealthyPercent: 50, maximumPercent: 100 }),
      sets: [
        rolling('old', [task('1'), task('2', {}, { healthy: false })], earlier),
        rolling('new', [], inProgress),
      ],
      actions: ['stopTasks old: 2'],
    },
    {
      name: 'reports percentages that allow no step',
      service: service({ maximumPercent: 100 }),
      sets: [rolling('old', [task('1')], earlier), rolling('new', [], inProgress)],
      actions: ['addEvent new was unable to stop'],
    },
  ])
})

describe('deployment alarms', () => {
  const watched = { ...inProgress, alarms: ['errors'] }
  run([
    {
      name: 'an alarm fails the deployment, and nothing else is decided',
      service: service({ desiredCount: 3 }),
      sets: [rolling('a', [task('1')], watched, { alarmsInAlarm: ['errors'] })],
      actions: ['failDeployment a errors'],
      recheckAfterMs: 0,
    },
    {
      name: 'an alarm does not fail a deployment none of whose tasks runs',
      sets: [rolling('a', [starting('1')], watched, { alarmsInAlarm: ['errors'] })],
      actions: [],
    },
    {
      name: 'an alarm does not fail a deployment that is complete',
      sets: [rolling('a', [task('1')], { alarms: ['errors'] }, { alarmsInAlarm: ['errors'] })],
      actions: [],
    },
    {
      name: 'the bake time starts when nothing else is left to do',
      sets: [rolling('a', [task('1')], watched, { bakeMs: 300 })],
      actions: ['startBakeTime a', 'setStability a STEADY_STATE'],
      recheckAfterMs: 300,
    },
    {
      name: 'the bake time delays completion and keeps the earlier task set',
      sets: [
        rolling('old', [stopped('1')], { status: 'ACTIVE' }),
        rolling(
          'new',
          [task('2')],
          { ...watched, stabilityStatus: 'STEADY_STATE', bakingSince: now - 100 },
          { bakeMs: 300 },
        ),
      ],
      actions: [],
      recheckAfterMs: 200,
    },
    {
      name: 'the deployment completes after the bake time',
      sets: [
        rolling(
          'a',
          [task('1')],
          { ...watched, stabilityStatus: 'STEADY_STATE', bakingSince: now - 300 },
          { bakeMs: 300 },
        ),
      ],
      actions: ['setStability a STEADY_STATE', 'completeDeployment a', 'addEvent a has reached a steady'],
      recheckAfterMs: 0,
    },
  ])
})

describe('a service under CODE_DEPLOY', () => {
  run([
    {
      name: 'has the desired tasks in each task set that does not drain',
      service: blueGreen({ desiredCount: 2 }),
      sets: [
        set('blue', [task('1'), task('2')]),
        set('green', [task('3')], { status: 'ACTIVE', ...stabilizing }),
      ],
      actions: ['startTasks green 1'],
    },
    {
      name: 'stops the tasks of a task set that drains',
      service: blueGreen(),
      sets: [set('blue', [task('1')], { status: 'DRAINING' }), set('green', [task('2')])],
      actions: ['stopTasks blue: 1'],
    },
    {
      name: 'deletes a task set that has drained',
      service: blueGreen(),
      sets: [set('blue', [stopped('1')], { status: 'DRAINING' }), set('green', [task('2')])],
      actions: ['deleteTaskSet blue'],
    },
  ])
})

describe('a deleted service', () => {
  const deleted = service({ status: 'DRAINING', desiredCount: 0 })
  run([
    {
      name: 'stops protected tasks too',
      service: deleted,
      sets: [rolling('a', [task('1', {}, { protectedUntil: now + 60 })], { status: 'DRAINING' })],
      actions: ['stopTasks a: 1'],
    },
    {
      name: 'is INACTIVE when its last task set has drained',
      service: deleted,
      sets: [rolling('a', [stopped('1')], { status: 'DRAINING' })],
      actions: ['deleteTaskSet a', 'deactivateService'],
    },
    {
      name: 'completes no deployment',
      service: deleted,
      sets: [rolling('a', [draining('1')], { ...inProgress, status: 'DRAINING' })],
      actions: ['setStability a STEADY_STATE'],
    },
  ])
})
