/** Rehearses releases of a platform under load, and says whether a request was lost. */
export { type MistakeName, mistakes } from './mistakes.ts'
export { type RehearsalOptions, rehearse } from './rehearse.ts'
export type { DeploymentReport, Finding, Phase, Report } from './report.ts'
export { openStage, type Stage, type StageOptions } from './stage.ts'
export { type Paint, plain, renderReport } from './text.ts'
export type { Audience, Traffic } from './traffic.ts'
