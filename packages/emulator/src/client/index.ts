/** How others start an emulator, find it, and ask it: all that leaves this package. */
export type { EmulatorEvent } from '../event-log.ts'
export type { DeploymentTiming } from '../services/codedeploy/contract.ts'
export type { ApplyEvent, ApplyResult, Change, CheckedStack, Plan, Unfinished } from '../terraform/index.ts'
export type { EmulatorDescription, EmulatorOptions, Endpoints, Ports } from './description.ts'
export type { ApplyOptions, Emulator, EmulatorNotice, EmulatorStatus } from './emulator.ts'
export { type EmulatorDiagnostic, EmulatorError } from './emulator-error.ts'
export { deleteEmulator, endLeftoverProcesses, type LeftoverProcess, leftoverProcesses } from './leftovers.ts'
export { findEmulator, startEmulator, stopEmulator } from './start.ts'
