/**
 * One round: something is begun, a fault comes at a random moment of it (the emulator is killed and started again, where
 * nothing else is said), and after that everything must hold. What is begun is a deployment that succeeds, is refused, stopped, or never becomes well; an
 * apply or a destroy; or the push of an image.
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch'
import { DeploymentAlreadyCompletedException, StopDeploymentCommand } from '@aws-sdk/client-codedeploy'
import { BatchGetImageCommand } from '@aws-sdk/client-ecr'
import { emulatorKilled, type Fault } from './faults.ts'
import { consistent, reasonOf, settled } from './invariants.ts'
import { names } from './platform.ts'
import type { Random } from './random.ts'
import { allMoved, deploy, push, type Scene, type Step, stepOf, steps } from './scene.ts'

export interface Kill {
  readonly work: string
  readonly afterMs: number
  /** What was under way when the emulator was killed. */
  readonly step: string
  readonly outcome: string
  readonly restartMs: number
  /** Acknowledged writes that were found again. */
  readonly writes: number
}

/** A deployment that never becomes well stays where it is. */
const patienceMs = 5_000

interface Round {
  readonly random: Random
  readonly n: number
  readonly fault: Fault
}

/** Each begins something and resolves when the fault is over and that has ended. */
const works = {
  deployment: (scene: Scene, round: Round) => deployment(scene, round, {}),
  refused: (scene: Scene, round: Round) => deployment(scene, round, { refused: true }),
  unwell: (scene: Scene, round: Round) => deployment(scene, round, { unwell: true }),
  stop: (scene: Scene, round: Round) => stopped(scene, round, 'stop'),
  alarm: (scene: Scene, round: Round) => stopped(scene, round, 'alarm'),
  apply: applied,
  push: pushed,
  fullDisk: onFullDisk,
} as const

export type Work = keyof typeof works

type Result = Pick<Kill, 'afterMs' | 'step' | 'outcome' | 'restartMs'>

/** Throws with the invariant that does not hold. */
export async function killDuring(
  work: Work,
  scene: Scene,
  random: Random,
  n: number,
  fault: Fault = emulatorKilled,
): Promise<Kill> {
  const result = await works[work](scene, { random, n, fault })
  scene.version = await consistent(scene.stage)
  const writes = await scene.writers.check()
  const plan = await scene.stage.emulator().plan(scene.serviceStack, { stack: 'service' })
  if (plan.changes.length > 0) throw new Error(`the next plan is not empty: ${JSON.stringify(plan.changes)}`)
  return { work, ...result, writes }
}

async function deployment(
  scene: Scene,
  { random, n, fault }: Round,
  options: { refused?: boolean; unwell?: boolean },
): Promise<Result> {
  const { stage } = scene
  const version = `v${n}`
  const id = await deploy(stage, version, options)
  const { step, afterMs } = await moment(scene, random, id)
  const restartMs = await fault(scene, random)
  if (options.unwell) await stop(scene, id)
  const outcome = await settled(stage, id)
  const wanted = options.unwell ? 'Stopped' : options.refused ? 'Failed' : 'Succeeded'
  if (outcome !== wanted)
    throw new Error(`${id} ended as ${outcome} instead of ${wanted}: ${await reasonOf(stage, id)}`)
  await answers(scene, wanted === 'Succeeded' ? version : scene.version)
  return { afterMs, step, outcome, restartMs }
}

/** Stopped by a call or by an alarm at a random moment, and killed right then. */
async function stopped(scene: Scene, { random, n, fault }: Round, by: 'stop' | 'alarm'): Promise<Result> {
  const { stage } = scene
  const version = `v${n}`
  const id = await deploy(stage, version)
  const { step, afterMs } = await moment(scene, random, id)
  // An alarm that is late finds the deployment over, or its termination wait: there it may come to nothing.
  const stops = by === 'stop' ? await stop(scene, id) : await setOff(scene, id)
  await pause(random.next() ** 2 * 200)
  const restartMs = await fault(scene, random)
  const outcome = await settled(stage, id)
  if (stops && outcome !== 'Stopped')
    throw new Error(`${id} ended as ${outcome}, though its ${by} was acknowledged`)
  if (outcome === 'Failed') throw new Error(`${id} failed`)
  if (by === 'alarm') await setAlarm(scene, 'OK')
  await answers(scene, outcome === 'Succeeded' ? version : scene.version)
  return { afterMs, step: `${by} at ${step}`, outcome, restartMs }
}

/** True when it was stopped, false when it had ended before. */
async function stop({ stage }: Scene, deploymentId: string): Promise<boolean> {
  const command = new StopDeploymentCommand({ deploymentId, autoRollbackEnabled: true })
  try {
    await stage.clients().codedeploy.send(command)
    return true
  } catch (error) {
    if (error instanceof DeploymentAlreadyCompletedException) return false
    throw error
  }
}

/** True when the alarm is in ALARM and not all traffic has moved: whatever happens then, the deployment is stopped. */
async function setOff(scene: Scene, deploymentId: string): Promise<boolean> {
  await setAlarm(scene, 'ALARM')
  return !(await allMoved(scene.stage, deploymentId))
}

async function setAlarm({ stage }: Scene, StateValue: 'ALARM' | 'OK'): Promise<void> {
  const command = new SetAlarmStateCommand({ AlarmName: names.alarm, StateValue, StateReason: 'asked' })
  await stage.clients().cloudwatch.send(command)
}

async function answers(scene: Scene, version: string): Promise<void> {
  const found = await consistent(scene.stage)
  if (found !== version) throw new Error(`${found} answers instead of ${version}`)
}

/** An apply of the other stack, or, where that is there, its destruction; both are finished by doing them again. */
async function applied(scene: Scene, { random, fault }: Round): Promise<Result> {
  const { stage, extraStack } = scene
  const stack = 'extra'
  const { stacks } = await stage.emulator().status()
  const there = stacks.some(({ name, resources }) => name === stack && resources > 0)
  const act = () => (there ? stage.emulator().destroy(stack) : stage.emulator().apply(extraStack, { stack }))
  const acting = act().then(
    () => 'done',
    () => 'cut off',
  )
  // Most is made at once, and then a service is waited for.
  const afterMs = await pauseWithin(random, random.pick([40, 150, 800]))
  const restartMs = await fault(scene, random)
  const before = await acting
  const left = (await stage.emulator().status()).stacks.find(({ name }) => name === stack)?.resources ?? 0
  await act()
  if (!there) {
    const { changes } = await stage.emulator().plan(extraStack, { stack })
    if (changes.length > 0) throw new Error(`plan after the apply: ${JSON.stringify(changes)}`)
    // Its own tasks and processes would be taken for the service's.
    await stage.emulator().destroy(stack)
  }
  return { afterMs, step: `${there ? 'destroy' : 'apply'}, ${left} resources`, outcome: before, restartMs }
}

/** A deployment that is created while nothing can be written may be refused or fail; one that succeeds has the traffic. */
async function onFullDisk(scene: Scene, { random, n, fault }: Round): Promise<Result> {
  const { stage } = scene
  const afterMs = Math.round(random.next() * 500)
  const creating = pause(afterMs)
    .then(() => deploy(stage, `v${n}`))
    .catch(() => undefined)
  const restartMs = await fault(scene, random)
  const id = await creating
  const outcome = id === undefined ? 'refused' : await settled(stage, id)
  if (outcome === 'Succeeded') await answers(scene, `v${n}`)
  return { afterMs, step: 'creation on a full disk', outcome, restartMs }
}

async function pushed(scene: Scene, { random, n, fault }: Round): Promise<Result> {
  const { stage } = scene
  const padding = randomBytes(2 * 2 ** 20)
  const act = () => push(stage, `push-${n}`, padding)
  const acting = act().then(
    () => 'done',
    () => 'cut off',
  )
  const afterMs = await pauseWithin(random, 150)
  const restartMs = await fault(scene, random)
  const outcome = await acting
  const reference = await act()
  const { images = [] } = await stage
    .clients()
    .ecr.send(
      new BatchGetImageCommand({ repositoryName: names.repository, imageIds: [{ imageTag: `push-${n}` }] }),
    )
  if (images[0]?.imageId?.imageDigest !== reference.split('@')[1])
    throw new Error('the image that was pushed is not there')
  return { afterMs, step: 'push', outcome, restartMs }
}

/** Waits for a random step of the deployment, or for its end where it does not come that far, and a while longer. */
async function moment(
  { stage }: Scene,
  random: Random,
  id: string,
): Promise<{ step: string; afterMs: number }> {
  const wanted = steps.indexOf(random.pick(steps))
  const whileMs = random.pick([0, 30, 200, 600])
  // A step that has no name among these is passed over in no time.
  const reached = (step: string) => step === 'end' || steps.indexOf(step as Step) >= wanted
  let step = await stepOf(stage, id)
  const givenUp = performance.now() + patienceMs
  while (!reached(step) && performance.now() < givenUp) {
    await pause(10)
    step = await stepOf(stage, id)
  }
  const afterMs = await pauseWithin(random, whileMs)
  return { step: afterMs > 30 ? `${step} or later` : step, afterMs }
}

async function pauseWithin(random: Random, withinMs: number): Promise<number> {
  const afterMs = Math.round(random.next() * withinMs)
  await pause(afterMs)
  return afterMs
}
