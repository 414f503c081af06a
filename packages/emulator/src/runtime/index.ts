/** The runtimes that tasks run on; `TaskRuntime` is what ECS knows of them. */
export { createContainerRuntime } from './container/container-runtime.ts'
export { NoEngineError } from './container/engine/engine-error.ts'
export { findEngine } from './container/engine/find-engine.ts'
export type { ContainerDoors, OwnedName } from './container/names.ts'
export { endpointAddresses } from './network/name-forwarders.ts'
export { passOn } from './network/pass-on.ts'
export { createTaskEndpoint, type TaskCredentials, type TaskEndpoint } from './network/task-endpoint.ts'
export { freePort } from './network/task-network.ts'
export {
  endLeftoverProcesses,
  type LeftoverProcess,
} from './process/leftover-processes.ts'
export { identify, isAlive, type ProcessIdentity } from './process/process-identity.ts'
export { processMark } from './process/process-mark.ts'
export { createProcessRuntime } from './process/process-runtime.ts'
export { childProcesses, createProcessorShare, processUsage } from './process/process-usage.ts'
export { raisePriority } from './process/processor-share.ts'
export { createSelectedRuntime } from './selected-runtime.ts'
export type { RuntimeChoice, RuntimeKind } from './task/runtime-choice.ts'
export type {
  ContainerExit,
  ContainerLimits,
  ContainerSpec,
  Mount,
  RunningContainer,
  TaskNetwork,
  TaskRuntime,
  TaskSpec,
} from './task/task-runtime.ts'
