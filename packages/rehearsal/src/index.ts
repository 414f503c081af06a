/** Rehearses releases of a platform under load, and says whether a request was lost. */

export { type RehearsalOptions, rehearse } from './rehearse.ts'
export type { DeploymentReport, Finding, Phase, Report } from './report/report.ts'
export { openStage, type Stage, type StageOptions } from './run/stage.ts'
export { type MistakeName, mistakes } from './scenario/mistakes.ts'
export type { Audience, Traffic } from './scenario/traffic.ts'
export { type Paint, plain, renderReport } from './text.ts'
