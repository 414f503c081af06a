/** How others start a region, find it, and ask it: all that leaves this package. */
export type { RegionEvent } from '../event-log.ts'
export type { DeploymentTiming } from '../services/codedeploy/contract.ts'
export type { ApplyEvent, ApplyResult, Change, CheckedStack, Plan, Unfinished } from '../terraform/index.ts'
export type { Endpoints, Ports, RegionDescription, RegionOptions } from './description.ts'
export type { ApplyOptions, Region, RegionNotice, RegionStatus } from './emulator.ts'
export { type RegionDiagnostic, RegionError } from './emulator-error.ts'
export { deleteRegion, endLeftProcesses, type LeftProcess, leftProcesses } from './leftovers.ts'
export { findRegion, startRegion } from './start.ts'
