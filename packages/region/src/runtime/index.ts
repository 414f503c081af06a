/** The runtimes that tasks run on; `TaskRuntime` is what ECS knows of them. */
export { endpointAddresses, isCode, listenOn } from './name-forwarders.ts'
export { endProcessGroup, identify, isAlive, type ProcessIdentity } from './process-identity.ts'
export { endMarkedProcesses, type MarkedProcess, markedProcesses, processMark } from './process-mark.ts'
export { createProcessRuntime } from './process-runtime.ts'
export { childProcesses, createProcessorShare, processUsage } from './process-usage.ts'
export { goFirst } from './processor-share.ts'
export { createTaskEndpoint, type TaskCredentials, type TaskEndpoint } from './task-endpoint.ts'
export { freePort } from './task-network.ts'
export type {
  ContainerExit,
  ContainerSpec,
  Mount,
  RunningContainer,
  TaskNetwork,
  TaskRuntime,
} from './task-runtime.ts'
